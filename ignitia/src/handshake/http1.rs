//! Opening handshake of HTTP/1.1, an upgrade: [RFC 6455, section
//! 4.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2).

use axum_core::response::Response;
use http::{
    HeaderValue, Method, StatusCode, Version,
    header::{CONNECTION, UPGRADE},
    request::Parts,
};

use super::{accept_key::AcceptKey, header_list::has_token, headers::is_version_13, rejection::Rejection};

/// Checks the request line and the headers, and computes the accept key.
pub(super) fn check(parts: &Parts, takes_post: bool) -> Result<AcceptKey, Rejection> {
    if !(parts.method == Method::GET || takes_post && parts.method == Method::POST) {
        return Err(Rejection::MethodNotAllowed { post: takes_post });
    }
    let headers = &parts.headers;
    if !has_token(headers, &UPGRADE, "websocket") || !has_token(headers, &CONNECTION, "upgrade") {
        return Err(Rejection::UpgradeRequired);
    }
    // An HTTP/1.0 request cannot be upgraded: RFC 9110, section 7.8.
    if parts.version != Version::HTTP_11 {
        return Err(Rejection::Http10);
    }
    if !is_version_13(headers) {
        return Err(Rejection::UnsupportedVersion { http2: false });
    }
    AcceptKey::of(headers)
}

/// Returns the 101.
pub(super) fn switching_protocols(key: AcceptKey) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    key.insert_into(headers);
    response
}
