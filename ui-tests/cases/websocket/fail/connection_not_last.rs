use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection, headers: Headers) -> Response {
    println!("{}", headers.len());
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
