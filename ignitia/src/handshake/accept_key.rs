//! Key of the client and the server's answer to it: [RFC 6455, section
//! 4.2.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2), number 5.4.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderMap,
    header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY},
};
use sha1_smol::Sha1;

use super::{
    headers::{single, to_value},
    rejection::Rejection,
};

/// Text that is appended to the key before it is hashed.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
        key.map(Self::derive).ok_or(Rejection::InvalidKey)
    }

    /// Hashes the key, and writes the 20 bytes in base64.
    fn derive(key: &str) -> Self {
        let mut hash = Sha1::from(key);
        hash.update(GUID);
        Self(BASE64_STANDARD.encode(hash.digest().bytes()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_those_of_the_rfc_and_of_another_implementation() {
        for (key, accept) in [
            ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="),
            ("/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g="),
            ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
        ] {
            assert_eq!(AcceptKey::derive(key).0, accept, "{key}");
        }
    }
}
