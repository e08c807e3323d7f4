use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(ws: Option<WebSocketConnection>) -> Response {
    match ws {
        Some(_) => Response::ok(),
        None => Response::bad_request("No WebSocket"),
    }
}

fn main() {
    let _ = Router::new().mount(chat);
}
