//! What the peers have in common.

use tokio::net::TcpListener;

/// Listens where the measuring program wants it.
pub async fn listen() -> TcpListener {
    let port = number("PORT").unwrap_or(9001);
    TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free")
}

/// A number from the environment.
pub fn number(name: &str) -> Option<u16> {
    std::env::var(name).ok()?.parse().ok()
}

/// The largest message that is asked for.
pub const MAX_MESSAGE: usize = 64 << 20;
