use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> impl Send {
    while ws.recv().await.is_some() {}
}

fn main() {
    let _ = Router::new().mount(chat);
}
