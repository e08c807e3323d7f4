use ignitia::prelude::*;

fn main() {
    let _ = Router::new()
        .websocket("/chat", |mut ws: WebSocketConnection| async move { while ws.recv().await.is_some() {} });
}
