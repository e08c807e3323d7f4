use ignitia::prelude::*;

type Ws = Message;

#[websocket("/chat")]
async fn chat(ws: Ws) -> Response {
    println!("{ws:?}");
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
