use ignitia::prelude::*;

struct Gone;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Result<Response, Gone> {
    while ws.recv().await.is_some() {}
    Err(Gone)
}

fn main() {
    let _ = Router::new().mount(chat);
}
