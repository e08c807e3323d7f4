use ignitia::prelude::*;

fn bye(_: WebSocketConnection) -> Response {
    Response::ok()
}

fn main() {
    let _ = Router::new().websocket("/bye", bye);
}
