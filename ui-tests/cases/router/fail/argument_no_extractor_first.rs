use ignitia::prelude::*;

async fn greet(name: u64, headers: Headers, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{name} {}", headers.len())).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/greet/{name}", greet);
}
