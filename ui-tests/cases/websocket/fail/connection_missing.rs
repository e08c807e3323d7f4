use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(headers: Headers) -> Response {
    if headers.get("authorization").is_none() {
        return Response::unauthorized("Who are you?");
    }
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
