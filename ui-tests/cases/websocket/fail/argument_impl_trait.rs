use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: impl Into<String>, mut ws: WebSocketConnection) -> Response {
    let room = room.into();
    println!("somebody enters {room}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
