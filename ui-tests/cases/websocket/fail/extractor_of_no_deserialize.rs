use ignitia::prelude::*;

struct Login {
    name: String,
}

#[websocket("/chat")]
async fn chat(login: Query<Login>, mut ws: WebSocketConnection) -> Response {
    println!("{}", login.name);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
