use ignitia::prelude::*;

type Outcome = ();

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Outcome {
    while ws.recv().await.is_some() {}
}

fn main() {
    let _ = Router::new().mount(chat);
}
