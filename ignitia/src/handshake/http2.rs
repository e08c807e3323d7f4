//! The extended CONNECT of HTTP/2: [RFC 8441, section 5](https://www.rfc-editor.org/rfc/rfc8441#section-5). There is no key
//! to prove anything with, and nothing to switch: the stream itself becomes the connection.

use axum_core::response::Response;
use http::{Method, request::Parts};

use super::{accept_key::AcceptKey, headers::is_version_13, rejection::Rejection};

/// Checks the opening. A key is none of HTTP/2's and need not be there; but a proxy that serves clients of HTTP/1.1 may
/// hand theirs on, and pass the answer back to them. So a key that is there is answered, by the rules of HTTP/1.1, and one
/// that cannot be is refused: its client would wait for the answer in vain.
pub(super) fn check(parts: &Parts, protocol: Option<&str>) -> Result<Option<AcceptKey>, Rejection> {
    if parts.method != Method::CONNECT {
        return Err(Rejection::ConnectRequired);
    }
    match protocol {
        Some(protocol) if protocol.eq_ignore_ascii_case("websocket") => {}
        Some(_) => return Err(Rejection::UnknownProtocol),
        // A tunnel to somewhere else.
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

pub(super) fn connected(key: Option<&AcceptKey>) -> Response {
    let mut response = Response::default();
    if let Some(key) = key {
        key.insert_into(response.headers_mut());
    }
    response
}
