use ignitia::prelude::*;

async fn send(ws: WebSocketConnection) -> Result<Response> {
    let bytes = vec![1, 2, 3];
    ws.send_binary(&bytes).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/send", send);
}
