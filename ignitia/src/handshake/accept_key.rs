//! Key of the client and the server's answer to it: [RFC 6455, section
//! 4.2.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2), number 5.4.

use http::{
    HeaderMap,
    header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{byte_set::ByteSet, headers::single, rejection::Rejection};

/// Digits of base64.
const DIGITS: ByteSet = ByteSet::alphanumeric_and(b"+/");

/// Value of `Sec-WebSocket-Accept`, which proves that the server has read the key. It is derived
/// from the key's text as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptKey(String);

impl AcceptKey {
    /// Derives it from the one key that the headers must have.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        let Some(key) = single(headers, SEC_WEBSOCKET_KEY) else {
            let is_missing = !headers.contains_key(SEC_WEBSOCKET_KEY);
            return Err(if is_missing { Rejection::MissingKey } else { Rejection::InvalidKey });
        };
        if !is_key(key) {
            return Err(Rejection::InvalidKey);
        }
        Ok(Self(derive_accept_key(key.as_bytes())))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn insert_into(self, headers: &mut HeaderMap) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.0.try_into().expect("base64 is a header value"));
    }
}

/// Returns true for 16 bytes in base64: 22 digits of six bits. The last four of these bits are
/// padding and may have any value: they are set in the RFC's own example of a key, in section 4.1.
fn is_key(key: &str) -> bool {
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && DIGITS.has_all(digits))
}
