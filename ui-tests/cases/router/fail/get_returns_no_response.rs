use ignitia::prelude::*;

async fn answer() -> u32 {
    42
}

fn main() {
    let _ = Router::new().get("/answer", answer);
}
