use ignitia::prelude::*;

async fn hello(ws: WebSocketConnection) -> Result<()> {
    ws.send_text("hello").await?;
    Ok(())
}

fn main() {
    let _ = Router::new().websocket("/hello", hello);
}
