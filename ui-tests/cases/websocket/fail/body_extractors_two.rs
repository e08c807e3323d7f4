use ignitia::prelude::*;

#[derive(serde::Deserialize)]
struct Login {
    name: String,
}

#[websocket("/chat")]
async fn chat(login: Json<Login>, raw: axum::body::Bytes, mut ws: WebSocketConnection) -> Response {
    println!("{} {raw:?}", login.name);
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
