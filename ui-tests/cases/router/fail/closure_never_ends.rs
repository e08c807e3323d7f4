use ignitia::prelude::*;

fn main() {
    let _ = Router::new().websocket("/chat", |mut ws: WebSocketConnection| async move {
        loop {
            ws.recv().await;
        }
    });
}
