use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(user: AuthUser, mut ws: WebSocketConnection) -> Response {
    println!("{}", user.name);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
