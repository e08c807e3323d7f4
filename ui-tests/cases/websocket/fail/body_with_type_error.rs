use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    "bye"
}

fn main() {
    let _ = Router::new().mount(chat);
}
