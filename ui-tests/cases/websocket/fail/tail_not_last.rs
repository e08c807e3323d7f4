use ignitia::prelude::*;

#[websocket("/files/<path..>/changes")]
async fn chat(path: String, mut ws: WebSocketConnection) -> Response {
    println!("watches {path}");
    while ws.recv().await.is_some() {}
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
