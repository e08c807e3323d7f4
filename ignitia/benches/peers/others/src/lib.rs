//! Shared parts of the peers' servers.

use tokio::net::TcpListener;

/// Listens on the port that the measuring program chose.
pub async fn listen() -> TcpListener {
    let port = number("PORT").unwrap_or(9001);
    TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free")
}

/// Reads a number from the environment.
pub fn number(name: &str) -> Option<u16> {
    std::env::var(name).ok()?.parse().ok()
}

/// Maximum message size of all scenarios.
pub const MAX_MESSAGE: usize = 64 << 20;
