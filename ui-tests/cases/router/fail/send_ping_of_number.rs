use ignitia::prelude::*;

async fn send(ws: WebSocketConnection) -> Result<Response> {
    ws.send_ping(5).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/send", send);
}
