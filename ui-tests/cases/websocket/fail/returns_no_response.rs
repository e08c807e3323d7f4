use ignitia::prelude::*;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> usize {
    let mut count = 0;
    while ws.recv().await.is_some() {
        count += 1;
    }
    count
}

fn main() {
    let _ = Router::new().mount(chat);
}
