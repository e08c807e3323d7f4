use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(Headers(headers): Headers, id: RequestId, mut ws: WebSocketConnection) -> Response {
    println!("{id:?} {headers:?}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
