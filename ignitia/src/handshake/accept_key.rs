//! The key that the client has made up, and what proves that it was read: [RFC 6455, section
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

/// What proves that the key was read. It is made from the text as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptKey(String);

impl AcceptKey {
    /// Reads the one key that there must be.
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

/// Sixteen bytes in base64: 22 digits of six bits. The last four of these bits are padding, which may be anything: they
/// are set in the RFC's own example of a key, in section 4.1.
fn is_key(key: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && digits.bytes().all(is_digit))
}
