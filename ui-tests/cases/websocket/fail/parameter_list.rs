use ignitia::prelude::*;

#[websocket("/chat/<rooms>")]
async fn chat(rooms: Vec<String>, mut ws: WebSocketConnection) -> Response {
    println!("somebody enters {rooms:?}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
