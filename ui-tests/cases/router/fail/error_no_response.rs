use ignitia::prelude::*;

async fn hello(ws: WebSocketConnection) -> Result<Response, std::io::Error> {
    ws.send_text("hello").await.map_err(std::io::Error::other)?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/hello", hello);
}
