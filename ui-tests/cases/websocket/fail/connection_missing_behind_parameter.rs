use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: String) -> Response {
    Response::text(room)
}

fn main() {
    let _ = Router::new().mount(chat);
}
