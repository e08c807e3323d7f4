use std::sync::Mutex;

use ignitia::prelude::*;

static LOG: Mutex<Vec<Message>> = Mutex::new(Vec::new());

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Response {
    let mut log = LOG.lock().unwrap();
    while let Some(message) = ws.recv().await {
        log.push(message);
    }
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
