use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(message: Message) -> Response {
    println!("{message:?}");
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
