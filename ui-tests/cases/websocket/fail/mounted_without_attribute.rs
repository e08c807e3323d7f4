use ignitia::prelude::*;

async fn chat(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
