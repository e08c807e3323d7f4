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

// Both name `Db`. That it might be a type parameter is proposed for the function only, so rustc takes them for two.
// Errors: 2
