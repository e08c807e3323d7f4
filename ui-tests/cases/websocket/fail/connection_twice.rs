use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection, sender: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if sender.send(message).await.is_err() {
            break;
        }
    }
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat);
}
