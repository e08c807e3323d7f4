use ignitia::prelude::*;

struct News;

async fn send(ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&News).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/send", send);
}
