use ignitia::prelude::*;

async fn join(text: String, Json(name): Json<String>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(name + &text).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/join", join);
}
