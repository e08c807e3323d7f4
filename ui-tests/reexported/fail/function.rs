use facade::ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: String, ws: WebSocketConnection) -> Response {
    drop((room, ws));
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
