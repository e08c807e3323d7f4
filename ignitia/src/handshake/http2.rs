//! Opening handshake of HTTP/2, an extended CONNECT: [RFC 8441, section
//! 5](https://www.rfc-editor.org/rfc/rfc8441#section-5). It needs no key, and no protocol is
//! switched: the stream itself becomes the connection.

use axum_core::response::Response;
use http::{Method, request::Parts};

use super::{accept_key::AcceptKey, headers::is_version_13, rejection::Rejection};

/// Checks the request. HTTP/2 needs no key, but a proxy that serves HTTP/1.1 clients may forward
/// their keys and pass the answer back. So a key that is present is answered by the rules of
/// HTTP/1.1, and an invalid one is refused: its client would wait for the answer in vain.
pub(super) fn check(parts: &Parts, protocol: Option<&str>) -> Result<Option<AcceptKey>, Rejection> {
    if parts.method != Method::CONNECT {
        return Err(Rejection::ConnectRequired);
    }
    match protocol {
        Some(protocol) if protocol.eq_ignore_ascii_case("websocket") => {}
        Some(_) => return Err(Rejection::UnknownProtocol),
        // A plain CONNECT asks for a tunnel to another host.
        None => return Err(Rejection::ConnectRequired),
    }
    if !is_version_13(&parts.headers) {
        return Err(Rejection::UnsupportedVersion { http2: true });
    }
    match AcceptKey::of(&parts.headers) {
        Ok(key) => Ok(Some(key)),
        Err(Rejection::MissingKey) => Ok(None),
        Err(rejection) => Err(rejection),
    }
}

/// Returns the 200, with the accept key if the request had a key.
pub(super) fn connected(key: Option<AcceptKey>) -> Response {
    let mut response = Response::default();
    if let Some(key) = key {
        key.insert_into(response.headers_mut());
    }
    response
}
