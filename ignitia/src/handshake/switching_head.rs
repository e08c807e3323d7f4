//! Head of a 101 as HTTP/1.1 writes it.

use http::{
    HeaderMap,
    header::{CONTENT_LENGTH, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_PROTOCOL, TRANSFER_ENCODING},
};

use super::accepted::{Accepted, SuccessResponse};

/// Space for an ordinary head.
const CAPACITY: usize = 256;

impl Accepted {
    /// Returns the head of the 101, with these headers beside its own.
    pub(crate) fn switching_head(&self, others: &HeaderMap) -> Vec<u8> {
        let mut head = Vec::with_capacity(CAPACITY);
        head.extend_from_slice(
            b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n",
        );
        if let SuccessResponse::SwitchingProtocols(key) = &self.response {
            write_line(b"sec-websocket-accept", key.as_bytes(), &mut head);
        }
        if let Some(subprotocol) = &self.subprotocol {
            write_line(SEC_WEBSOCKET_PROTOCOL.as_str().as_bytes(), subprotocol.as_bytes(), &mut head);
        }
        if let Some(compression) = &self.compression {
            let extension = compression.to_string();
            write_line(SEC_WEBSOCKET_EXTENSIONS.as_str().as_bytes(), extension.as_bytes(), &mut head);
        }
        for (name, value) in others {
            // A 101 has no body: RFC 9110, section 8.6, and RFC 9112, section 6.1.
            if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
                write_line(name.as_str().as_bytes(), value.as_bytes(), &mut head);
            }
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

fn write_line(name: &[u8], value: &[u8], head: &mut Vec<u8>) {
    for part in [name, b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue, header::SEC_WEBSOCKET_KEY};

    use super::*;
    use crate::handshake::accept_key::AcceptKey;

    #[test]
    fn it_has_the_headers_of_the_handshake_and_all_others_but_those_of_a_body() {
        let line = |name: HeaderName, value| (name, HeaderValue::from_static(value));
        let request = HeaderMap::from_iter([line(SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")]);
        let response = SuccessResponse::SwitchingProtocols(AcceptKey::of(&request).expect("a key"));
        let accepted = Accepted { response, subprotocol: Some("chat".to_owned()), compression: None };
        let cookie = || line(http::header::SET_COOKIE, "a=1");
        let mut others = HeaderMap::from_iter([line(CONTENT_LENGTH, "0"), cookie()]);
        others.append("x-a", HeaderValue::from_static("1"));
        others.append("x-a", HeaderValue::from_static("2"));
        let expected = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: \
                        websocket\r\nsec-websocket-accept: \
                        s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: chat\r\nset-cookie: \
                        a=1\r\nx-a: 1\r\nx-a: 2\r\n\r\n";
        assert_eq!(String::from_utf8(accepted.switching_head(&others)).expect("text"), expected);
    }
}
