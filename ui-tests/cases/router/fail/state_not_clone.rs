use ignitia::prelude::*;

struct Db;

async fn chat(State(_db): State<Db>, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().state(Db).websocket("/chat", chat);
}
