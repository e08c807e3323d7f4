use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(ws: WebSocketConnection): Response {
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
