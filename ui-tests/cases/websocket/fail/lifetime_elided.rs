use ignitia::prelude::*;

struct Name<'a>(&'a str);

#[websocket("/chat")]
async fn chat(name: Name<'_>, mut ws: WebSocketConnection) -> Response {
    println!("{}", name.0);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
