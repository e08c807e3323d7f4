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

/// Bits of the window of a dedicated compressor.
pub const WINDOW_BITS: u8 = 12;

/// Use of permessage-deflate, as the measuring program says in the environment.
#[derive(Clone, Copy)]
pub enum ServerCompression {
    Off,
    /// Without context takeover on either side.
    Shared,
    /// With context takeover, and windows of [`WINDOW_BITS`].
    Dedicated,
}

impl ServerCompression {
    pub fn of_environment() -> Self {
        match std::env::var("COMPRESSION").as_deref() {
            Err(_) | Ok("off") => Self::Off,
            Ok("shared") => Self::Shared,
            Ok("dedicated") => Self::Dedicated,
            Ok(other) => panic!("COMPRESSION is {other}, not off, shared or dedicated"),
        }
    }
}

/// Returns zlib's level of compression.
pub fn compression_level() -> u32 {
    number("COMPRESSION_LEVEL").expect("the measuring program sets COMPRESSION_LEVEL").into()
}
