use ignitia::prelude::*;

async fn copy(mut from: WebSocketConnection, to: WebSocketConnection) -> Result<Response> {
    while let Some(message) = from.recv().await {
        to.send(message).await?;
    }
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/copy", copy);
}
