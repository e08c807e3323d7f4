use ignitia::prelude::*;

async fn join(Json(name): Json<String>, headers: Headers, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{name} sent {} headers", headers.len())).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/join", join);
}
