//! The server of the fuzzing client: an echo with the default configuration, except for the maximum
//! message size, since section 9 sends messages of 16 MiB; and the same with each mode of
//! compression, for every message.
//!
//! It prints its address to stdout, and drains at SIGTERM.

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

#[tokio::main]
async fn main() -> Result<()> {
    let config = WebSocketConfig::default().max_message_size(64 << 20);
    let compressed =
        |compression: Compression| config.clone().compression(compression.min_size(0).binary(true));
    let router = Router::<()>::new()
        .websocket_with("/shared", echo, compressed(Compression::shared()))
        .websocket_with("/dedicated", echo, compressed(Compression::dedicated().window_bits(15)))
        .websocket_with("/ws", echo, config);
    let server = Server::new(router, "127.0.0.1:0".parse()?).bind().await?;
    println!("listening on {}", server.local_addr());
    server.ignitia().await
}
