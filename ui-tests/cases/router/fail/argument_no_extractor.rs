use ignitia::prelude::*;

struct User {
    name: String,
}

async fn greet(user: User, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(user.name).await?;
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().websocket("/greet", greet);
}
