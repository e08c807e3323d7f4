use ignitia::prelude::*;

#[derive(serde::Deserialize)]
struct Login {
    name: String,
}

type Body = Json<Login>;

#[websocket("/chat")]
async fn chat(login: Body, headers: Headers, mut ws: WebSocketConnection) -> Response {
    println!("{} {}", login.name, headers.len());
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
