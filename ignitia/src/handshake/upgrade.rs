//! The upgrade of HTTP/1.1: [RFC 6455, section 4.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2).

use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderValue, Method, StatusCode, Version,
    header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
    request::Parts,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{Rejection, ascii, has_token, is_version_13, single};

/// What proves that the key was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AcceptKey(String);

pub(super) fn check(parts: &Parts, takes_post: bool) -> Result<AcceptKey, Rejection> {
    if !(parts.method == Method::GET || takes_post && parts.method == Method::POST) {
        return Err(Rejection::MethodNotAllowed { post: takes_post });
    }
    let headers = &parts.headers;
    // An HTTP/1.0 request cannot be upgraded: RFC 9110, section 7.8.
    if parts.version != Version::HTTP_11
        || !has_token(headers, UPGRADE, "websocket")
        || !has_token(headers, CONNECTION, "upgrade")
    {
        return Err(Rejection::UpgradeRequired);
    }
    if !is_version_13(headers) {
        return Err(Rejection::UnsupportedVersion { http2: false });
    }
    let key = single(headers, SEC_WEBSOCKET_KEY).ok_or(Rejection::InvalidKey)?;
    if !data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|nonce| nonce.len() == 16) {
        return Err(Rejection::InvalidKey);
    }
    Ok(AcceptKey(derive_accept_key(key.as_bytes())))
}

pub(super) fn switching_protocols(key: &AcceptKey) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, ascii(&key.0));
    response
}
