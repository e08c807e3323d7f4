use ignitia::prelude::*;

async fn hello(ws: WebSocketConnection) -> Result<Response> {
    ws.send(Message::Text("hello")).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/hello", hello);
}
