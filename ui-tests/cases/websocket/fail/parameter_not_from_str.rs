use ignitia::prelude::*;

struct Room {
    name: String,
}

#[websocket("/chat/<room>")]
async fn chat(room: Room, mut ws: WebSocketConnection) -> Response {
    println!("somebody enters {}", room.name);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
