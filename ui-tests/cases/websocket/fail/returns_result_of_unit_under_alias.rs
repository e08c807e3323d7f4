use ignitia::prelude::*;

type Outcome = Result<()>;

#[websocket("/chat")]
async fn chat(mut ws: WebSocketConnection) -> Outcome {
    while ws.recv().await.is_some() {}
    Ok(())
}

fn main() {
    let _ = Router::new().mount(chat);
}
