use axum_core::response::Response;
use http::{
    HeaderMap,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

/// Returns the head of a 101 as HTTP/1.1 writes it.
pub(super) fn switching_protocols(response: &Response) -> Vec<u8> {
    let mut head = Vec::with_capacity(256);
    head.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\n");
    write_headers(response.headers(), &mut head);
    head.extend_from_slice(b"\r\n");
    head
}

fn write_headers(headers: &HeaderMap, head: &mut Vec<u8>) {
    for (name, value) in headers {
        // A 101 has no body: RFC 9110, sections 8.6 and 15.2.2, and RFC 9112, section 6.1.
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
            continue;
        }
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
}
