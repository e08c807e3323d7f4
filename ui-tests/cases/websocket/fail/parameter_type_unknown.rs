use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: Ticket, mut ws: WebSocketConnection) -> Response {
    println!("somebody enters {room}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
