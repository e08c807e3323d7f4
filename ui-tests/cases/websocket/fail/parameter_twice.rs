use ignitia::prelude::*;

#[websocket("/chat/<id>/users/<id>")]
async fn chat(id: u64, mut ws: WebSocketConnection) -> Response {
    println!("somebody enters {id}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
