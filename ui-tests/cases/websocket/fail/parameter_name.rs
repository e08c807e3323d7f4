use ignitia::prelude::*;

#[websocket("/chat/<room-id>")]
async fn chat(room_id: u64, mut ws: WebSocketConnection) -> Response {
    println!("somebody enters {room_id}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
