use ignitia::prelude::*;
use ignitia::websocket::websocket_batch_handler;

async fn echo(ws: WebSocketConnection, message: Message) -> Result<Response> {
    ws.send(message).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/echo", websocket_batch_handler(echo, 50, 100));
}
