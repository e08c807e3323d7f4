use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(chat);
}
