use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Response {
    let x = ;
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
