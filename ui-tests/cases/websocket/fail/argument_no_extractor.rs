use ignitia::prelude::*;

struct User {
    name: String,
}

#[websocket("/chat")]
async fn chat(user: User, mut ws: WebSocketConnection) -> Response {
    println!("{}", user.name);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
