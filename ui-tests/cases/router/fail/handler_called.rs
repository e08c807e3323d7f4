use ignitia::prelude::*;

fn chat() -> impl IntoResponse {
    "hello"
}

fn main() {
    let _ = Router::new().websocket("/chat", chat());
}
