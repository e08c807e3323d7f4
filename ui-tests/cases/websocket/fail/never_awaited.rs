#![deny(unused_must_use)]

use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

async fn both(ws: WebSocketConnection) {
    chat(ws);
}

fn main() {
    let _ = both;
    let _ = Router::new().mount(chat);
}
