use ignitia::prelude::*;

#[derive(Clone)]
struct Db;

async fn page(State(_db): State<Db>) -> &'static str {
    "a page"
}

fn main() {
    let _ = Router::new().get("/", page);
}
