use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat<T: Default + Clone + Send + Sync + 'static>(
    _: Extension<T>,
    mut ws: WebSocketConnection,
) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
