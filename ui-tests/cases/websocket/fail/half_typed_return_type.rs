use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(ws: WebSocketConnection) -> {
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
