//! Shows messages in batches: one expensive operation (a database insert, a request to another
//! service) handles many messages.
//!
//! ```text
//! cargo run -p examples --bin batch
//! ```
//!
//! Open <http://127.0.0.1:3000> and send several messages quickly.

use ignitia::{prelude::*, websocket::websocket_batch_handler};

/// Number of messages that complete a batch.
const SIZE: usize = 5;

/// Time after the first message that completes a batch, too, in milliseconds.
const TIMEOUT_MS: u64 = 500;

async fn store(ws: WebSocketConnection, batch: Vec<Message>) -> Result<Response> {
    let rows = batch.iter().filter(|message| message.is_data()).count();
    tracing::info!(connection = %ws.id(), rows, "stored");
    // The peer's close frame is the last element of the last batch, and may be its only one.
    if rows > 0 {
        // The receipt tells the client that its messages are stored, not just sent.
        ws.send_json(&json!({ "stored": rows })).await?;
    }
    Ok(Response::ok()) // keep the connection open
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new().websocket("/ws", websocket_batch_handler(store, SIZE, TIMEOUT_MS)).merge(
        examples::console("Batches", "Messages are stored five at a time, or half a second after the first. Send one and wait, then five quickly: \
             there is one receipt each."),
    );
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await
}
