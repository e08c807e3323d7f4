use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: String, user: u64, mut ws: WebSocketConnection) -> Response {
    println!("{user} enters {room}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
