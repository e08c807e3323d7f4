use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(rooms: Rooms, mut ws: WebSocketConnection) -> Result<Response> {
    let _ = rooms.join("lobby", &ws)?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

fn main() {
    let _ = Router::new().mount(chat);
}

// rustc says it of each item in which the type stands: the function, the one around it, and the endpoint.
// Errors: 3
