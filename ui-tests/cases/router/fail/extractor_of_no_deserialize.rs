use ignitia::prelude::*;

struct Login {
    token: String,
}

async fn private(Query(login): Query<Login>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(login.token).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/private", private);
}
