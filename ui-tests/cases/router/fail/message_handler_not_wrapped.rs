use ignitia::prelude::*;

async fn echo(ws: WebSocketConnection, message: Message) -> Result<Response> {
    ws.send(message).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/echo", echo);
}
