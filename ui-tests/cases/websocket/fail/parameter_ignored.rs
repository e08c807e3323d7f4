use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(_: String, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
