use ignitia::prelude::*;

#[derive(Clone)]
struct Db(std::rc::Rc<u8>);

async fn chat(State(_db): State<Db>, mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().state(Db(Default::default())).websocket("/chat", chat);
}
