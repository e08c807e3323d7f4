//! Shows an echo over `wss://`, with a self-signed certificate that is created at the start.
//!
//! ```text
//! cargo run -p examples --bin tls
//! ```
//!
//! Open <https://127.0.0.1:3000> and accept the certificate, which no browser trusts: it is for
//! development only. In production, give the server a certificate that an authority has signed:
//!
//! ```text
//! ServerConfig {
//!     tls: Some(TlsConfig::from_files("fullchain.pem", "privkey.pem")),
//!     ..Default::default()
//! }
//! ```
//!
//! The server loads the certificate again when the files change, and open connections stay open.

use ignitia::{prelude::*, websocket::websocket_message_handler};

/// Handles one message. The server calls it for every message, in order, so the endpoint needs no
/// loop.
async fn echo(ws: WebSocketConnection, message: Message) -> Result<Response> {
    // The other kinds of message need no reply: the peer's close frame, the last one, is answered
    // automatically.
    if message.is_data() {
        ws.send(message).await?;
    }
    Ok(Response::ok()) // keep the connection open
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new()
        .websocket("/ws", websocket_message_handler(echo))
        .merge(examples::console("Echo over TLS", "The same echo over wss://, with a certificate that is made at the start. What you send comes back encrypted."));
    let server = Server::new(router, examples::address()?).with_self_signed_cert("127.0.0.1")?.bind().await?;
    examples::announce("https", server.local_addr());
    server.ignitia().await
}
