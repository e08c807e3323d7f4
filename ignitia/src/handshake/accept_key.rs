//! Key of the client and the server's answer to it: [RFC 6455, section
//! 4.2.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2), number 5.4.

use http::{
    HeaderMap,
    header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{
    headers::{single, to_value},
    rejection::Rejection,
};

/// Value of `Sec-WebSocket-Accept`, which proves that the server has read the key. It is derived
/// from the key's text as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptKey(String);

impl AcceptKey {
    /// Derives it from the one key that the headers must have.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        if !headers.contains_key(SEC_WEBSOCKET_KEY) {
            return Err(Rejection::MissingKey);
        }
        let key = single(headers, SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
        key.map(|key| Self(derive_accept_key(key.as_bytes()))).ok_or(Rejection::InvalidKey)
    }

    pub(super) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, to_value(&self.0));
    }
}

/// Returns true for 16 bytes in base64: 22 digits of six bits. The last four of these bits are
/// padding and may have any value: they are set in the RFC's own example of a key, in section 4.1.
fn is_key(key: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && digits.bytes().all(is_digit))
}
