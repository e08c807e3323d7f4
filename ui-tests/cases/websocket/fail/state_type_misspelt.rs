use ignitia::prelude::*;

#[derive(Clone)]
struct Db;

#[websocket("/chat")]
async fn chat(State(_db): State<Dbb>, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().state(Db).mount(chat);
}

