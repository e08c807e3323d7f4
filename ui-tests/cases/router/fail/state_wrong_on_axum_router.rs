use ignitia::prelude::*;

#[derive(Clone)]
struct Db;

#[derive(Clone)]
struct App;

async fn chat(State(_db): State<Db>, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _: axum::Router = axum::Router::new().websocket("/chat", chat).with_state(App);
}
