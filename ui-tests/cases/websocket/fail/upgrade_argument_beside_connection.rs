use ignitia::prelude::*;

/// As axum has it with its feature `ws`.
struct WebSocketUpgrade;

#[websocket("/chat")]
async fn chat(_: WebSocketUpgrade, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
