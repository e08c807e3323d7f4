use ignitia::prelude::*;

#[websocket("/echo", on_malformed = close)]
async fn echo(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(echo);
}
