//! The echo over `wss://`, with a certificate made at the start.
//!
//! ```text
//! cargo run -p examples --bin tls
//! ```
//!
//! No browser trusts such a certificate: it is for development. Elsewhere, give the server one that an authority has
//! signed: `ServerConfig { tls: Some(TlsConfig::from_files("fullchain.pem", "privkey.pem")), ..Default::default() }`. It is
//! replaced when the files are, and open connections live on.

use ignitia::{prelude::*, websocket::websocket_message_handler};

/// Called once for every message, in order: for endpoints that need no loop of their own.
async fn echo(ws: WebSocketConnection, message: Message) -> Result<Response> {
    // The other kind of message is the peer's close frame, which comes last and needs no answer of ours.
    if message.is_data() {
        ws.send(message).await?;
    }
    Ok(Response::ok()) // go on
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new()
        .websocket("/ws", websocket_message_handler(echo))
        .merge(examples::console("Echo over TLS", "Every message comes back, over wss://."));
    let server = Server::new(router, examples::address()?).with_self_signed_cert("127.0.0.1")?.bind().await?;
    examples::announce("https", server.local_addr());
    server.ignitia().await
}
