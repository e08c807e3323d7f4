use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat<'a>(name: &'a str, mut ws: WebSocketConnection) -> Response {
    println!("{name}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
