use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Result<Response> {
    while ws.recv().await.is_some() {}
    Ok(())
}

fn main() {
    let _ = Router::new().mount(chat);
}
