use ignitia::prelude::*;
use ignitia::websocket::websocket_batch_handler;

async fn store(_: WebSocketConnection, batch: Vec<Message>) {
    println!("{} messages", batch.len());
}

fn main() {
    let _ = Router::new().websocket("/store", websocket_batch_handler(store, 50, 100));
}
