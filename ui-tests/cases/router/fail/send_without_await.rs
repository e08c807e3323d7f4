use ignitia::prelude::*;

async fn hello(ws: &WebSocketConnection) -> Result<()> {
    ws.send("hello".into())
}

async fn greet(ws: WebSocketConnection) -> Result<Response> {
    hello(&ws).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/greet", greet);
}
