use ignitia::prelude::*;

async fn count(mut ws: WebSocketConnection) -> u32 {
    let mut count = 0;
    while ws.recv().await.is_some() {
        count += 1;
    }
    count
}

fn main() {
    let _ = Router::new().websocket("/count", count);
}
