use ignitia::prelude::*;

async fn send(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(5).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/send", send);
}
