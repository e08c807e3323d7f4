use ignitia::prelude::*;

struct User {
    name: String,
}

#[websocket("/chat")]
async fn chat(user: User, headers: Headers, mut ws: WebSocketConnection) -> Response {
    println!("{} {}", user.name, headers.len());
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
