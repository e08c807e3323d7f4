//! Key of the client and the server's answer to it: [RFC 6455, section
//! 4.2.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2), number 5.4.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{
    HeaderMap, HeaderValue,
    header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY},
};
use sha1_smol::Sha1;

use super::{byte_set::ByteSet, headers::single, rejection::Rejection};

/// Text that is appended to the key before it is hashed.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Digits of base64.
const DIGITS: ByteSet = ByteSet::alphanumeric_and(b"+/");

/// Length of 20 bytes in base64.
const LENGTH: usize = 28;

/// Value of `Sec-WebSocket-Accept`, which proves that the server has read the key. It is derived
/// from the key's text as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptKey([u8; LENGTH]);

impl AcceptKey {
    /// Derives it from the one key that the headers must have.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        match single(headers, SEC_WEBSOCKET_KEY) {
            Some(key) if is_key(key) => Ok(Self::derive(key)),
            None if !headers.contains_key(SEC_WEBSOCKET_KEY) => Err(Rejection::MissingKey),
            Some(_) | None => Err(Rejection::InvalidKey),
        }
    }

    /// Hashes the key, and writes the 20 bytes in base64.
    fn derive(key: &str) -> Self {
        let mut hash = Sha1::from(key);
        hash.update(GUID);
        let mut text = [0; LENGTH];
        let written = BASE64_STANDARD.encode_slice(hash.digest().bytes(), &mut text);
        debug_assert_eq!(written, Ok(LENGTH));
        Self(text)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(
            SEC_WEBSOCKET_ACCEPT,
            HeaderValue::from_bytes(&self.0).expect("base64 is a header value"),
        );
    }
}

/// Returns true for 16 bytes in base64: 22 digits of six bits. The last four of these bits are
/// padding and may have any value: they are set in the RFC's own example of a key, in section 4.1.
fn is_key(key: &str) -> bool {
    key.strip_suffix("==").is_some_and(|digits| digits.len() == 22 && DIGITS.has_all(digits))
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
            assert_eq!(AcceptKey::derive(key).as_bytes(), accept.as_bytes(), "{key}");
        }
    }
}
