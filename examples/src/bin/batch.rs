//! Messages in batches: what is expensive per message (a database insert, a request to another service) is done once
//! for many.
//!
//! ```text
//! cargo run -p examples --bin batch
//! ```

use ignitia::{prelude::*, websocket::websocket_batch_handler};

/// A batch is handed over when it has this many messages ..
const SIZE: usize = 5;
/// .. or this long after its first one, whichever is first.
const TIMEOUT_MS: u64 = 500;

async fn store(ws: WebSocketConnection, batch: Vec<Message>) -> Result<Response> {
    let rows = batch.iter().filter(|message| message.is_data()).count();
    tracing::info!(connection = %ws.id(), rows, "stored");
    // The peer's close frame is the last element of the last batch, which may hold nothing else.
    if rows > 0 {
        // The receipt: a client that has it knows that its messages were stored, not just sent.
        ws.send_json(&json!({ "stored": rows })).await?;
    }
    Ok(Response::ok()) // go on
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new().websocket("/ws", websocket_batch_handler(store, SIZE, TIMEOUT_MS)).merge(
        examples::console("Batches", "Messages are stored five at a time, or half a second after the first."),
    );
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}
