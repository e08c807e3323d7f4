//! The smallest endpoint: every message comes back.
//!
//! ```text
//! cargo run -p examples --bin echo
//! ```

use ignitia::prelude::*;

#[websocket("/ws")]
async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        match message {
            Message::Text(text) => ws.send_text(text).await?,
            Message::Binary(bytes) => ws.send_binary(bytes).await?,
            // Nothing to do: a ping has been answered already.
            Message::Ping(_) | Message::Pong(_) => {}
            // The last message. It is answered without our help.
            Message::Close(_) => break,
        }
    }
    // What a handler returns says how the session ended: 200 stands for close code 1000.
    Ok(Response::ok())
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let router = Router::new().mount(echo).merge(examples::console("Echo", "Every message comes back."));

    // `Server::new(..).ignitia().await` does both steps at once, where the port is known beforehand.
    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    // Returns when Ctrl-C or SIGTERM came and every connection has been closed with 1001.
    server.ignitia().await
}
