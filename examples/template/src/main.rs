//! A chat with rooms over WebSockets.

mod chat;
#[cfg(test)]
mod tests;

use std::env;

use ignitia::{
    health::{livez, readyz},
    prelude::*,
    rooms::{History, RoomConfig},
};

use self::chat::{Chat, Tell};

/// Returns everything that the server serves.
fn router() -> Router<Rooms<Tell>> {
    // Clients that come back get what they have missed: at most 1,000 messages, and five minutes.
    let rooms = Rooms::<Tell>::with_config(RoomConfig::default().history(History::default()));
    Router::new()
        .state(rooms)
        .mount_session::<Chat>()
        .get("/", async || Response::html(include_str!("page.html")))
        .get("/livez", livez)
        .get("/readyz", readyz)
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().init();
    let address = env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let server = Server::new(router(), address.parse()?).bind().await?;
    println!("listening on http://{}", server.local_addr());
    // It returns after SIGTERM or Ctrl-C, once all connections are closed.
    server.ignitia().await
}
