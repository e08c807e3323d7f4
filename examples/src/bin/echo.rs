//! Shows the smallest endpoint: it echoes every message.
//!
//! ```text
//! cargo run -p examples --bin echo
//! ```
//!
//! Open <http://127.0.0.1:3000> and send a message.

use ignitia::prelude::*;

#[websocket("/ws")]
async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        match message {
            Message::Text(text) => ws.send_text(text).await?,
            Message::Binary(bytes) => ws.send_binary(bytes).await?,
            // Pings are answered automatically.
            Message::Ping(_) | Message::Pong(_) => {}
            // The last message. The closing handshake is completed automatically.
            Message::Close(_) => break,
        }
    }
    // The returned response determines the close code: 200 stands for 1000.
    Ok(Response::ok())
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new().mount(echo).merge(examples::console(
        "Echo",
        "The smallest endpoint: what you send comes back. Open “On the wire” to see it go and come.",
    ));

    // With a known port, `Server::new(..).ignitia().await` does both steps at once.
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    // Returns after Ctrl-C or SIGTERM, once every connection is closed with 1001.
    server.ignitia().await
}
