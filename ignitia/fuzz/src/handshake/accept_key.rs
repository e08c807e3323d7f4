//! The proof that the server has read the key.

use sha1::{Digest, Sha1};

/// Returns the value of `Sec-WebSocket-Accept` (RFC 6455, section 4.2.2, item 5.4).
pub fn accept_key(key: &[u8]) -> String {
    let digest =
        Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    data_encoding::BASE64.encode(&digest)
}
