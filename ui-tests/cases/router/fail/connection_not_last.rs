use ignitia::prelude::*;

async fn greet(ws: WebSocketConnection, Path(name): Path<String>) -> Result<Response> {
    ws.send_text(format!("Hello, {name}")).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/greet/{name}", greet);
}
