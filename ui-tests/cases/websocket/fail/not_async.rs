use ignitia::prelude::*;

#[websocket("/chat")]
fn chat(_: WebSocketConnection) -> Response {
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
