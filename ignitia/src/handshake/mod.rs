//! The opening handshake, [RFC 6455, section 4.2](https://www.rfc-editor.org/rfc/rfc6455#section-4.2), as pure
//! functions of the request's head.

mod origin;
mod rejection;
mod subprotocol;

use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version,
    header::{
        CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION, UPGRADE,
    },
    request::Parts,
    uri::Authority,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

pub use self::origin::Origin;
pub(crate) use self::rejection::Rejection;

/// Whether the request came over TLS: known where our own server took it, else not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    Plain,
    Tls,
}

/// The rules that one route sets.
#[derive(Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) subprotocols: &'a [String],
    pub(crate) security: Option<Security>,
    /// Whether the handler reads a body: POST is let through then.
    pub(crate) reads_body: bool,
}

/// A handshake that may be answered with the 101.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    accept_key: String,
    pub(crate) subprotocol: Option<String>,
}

/// Checks the head of an upgrade request.
pub(crate) fn negotiate(parts: &Parts, policy: &Policy<'_>) -> Result<Accepted, Rejection> {
    if parts.version == Version::HTTP_2 {
        return Err(Rejection::NotOverHttp2);
    }
    if !(parts.method == Method::GET || policy.reads_body && parts.method == Method::POST) {
        return Err(Rejection::MethodNotAllowed { post: policy.reads_body });
    }
    let headers = &parts.headers;
    // An HTTP/1.0 request cannot be upgraded: RFC 9110, section 7.8.
    if parts.version != Version::HTTP_11
        || !has_token(headers, UPGRADE, "websocket")
        || !has_token(headers, CONNECTION, "upgrade")
    {
        return Err(Rejection::UpgradeRequired);
    }
    if single(headers, SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Rejection::UnsupportedVersion);
    }
    let key = single(headers, SEC_WEBSOCKET_KEY).ok_or(Rejection::InvalidKey)?;
    if !data_encoding::BASE64.decode(key.as_bytes()).is_ok_and(|nonce| nonce.len() == 16) {
        return Err(Rejection::InvalidKey);
    }
    let host = host(parts).ok_or(Rejection::InvalidHost)?;
    policy.origin.check(headers, &host, policy.security)?;
    Ok(Accepted {
        accept_key: derive_accept_key(key.as_bytes()),
        subprotocol: subprotocol::select(headers, policy.subprotocols)?,
    })
}

/// The answer that switches protocols.
impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, ascii(&self.accept_key));
        if let Some(subprotocol) = &self.subprotocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, ascii(subprotocol));
        }
        response
    }
}

fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("base64 and what came from a header are header values")
}

/// Whether a comma-separated list header, over all its lines, has `token` as a whole element in any case.
fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    elements(headers, &name).any(|element| element.eq_ignore_ascii_case(token))
}

/// The elements of a list header, over all its lines, in order; lines that are not ASCII are left out.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// The value of a header that must stand there exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The host that the client means: of an absolute target, else of the one `Host` line.
fn host(parts: &Parts) -> Option<Authority> {
    let line = single(&parts.headers, HOST).and_then(|host| host.parse().ok());
    match parts.uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => line.filter(|host: &Authority| !host.as_str().contains('@')),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn policy() -> Policy<'static> {
        Policy { origin: &Origin::SameHost, subprotocols: &[], security: None, reads_body: false }
    }

    fn parts(change: impl FnOnce(&mut Parts)) -> Parts {
        let (mut parts, ()) = Request::get("/ws")
            .header("host", "example.com")
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", KEY)
            .body(())
            .expect("a valid request")
            .into_parts();
        change(&mut parts);
        parts
    }

    fn check(change: impl FnOnce(&mut Parts)) -> Result<Accepted, Rejection> {
        negotiate(&parts(change), &policy())
    }

    fn set(parts: &mut Parts, name: &'static str, values: &[&str]) {
        parts.headers.remove(name);
        for value in values {
            parts.headers.append(name, HeaderValue::from_str(value).expect("a header value"));
        }
    }

    #[test]
    fn the_example_of_the_rfc() {
        let accepted = check(|_| {}).expect("a valid handshake");
        assert_eq!(accepted.accept_key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accepted.subprotocol, None);
    }

    #[test]
    fn tokens_are_whole_and_caseless_over_all_lines() {
        assert!(check(|p| set(p, "connection", &["keep-alive, UPGRADE"])).is_ok());
        assert!(check(|p| set(p, "connection", &["keep-alive", "Upgrade"])).is_ok());
        assert!(check(|p| set(p, "upgrade", &["h2c", "WebSocket"])).is_ok());
        for wrong in ["notupgrade", "upgrade2", "up grade", "keep-alive", ""] {
            assert_eq!(check(|p| set(p, "connection", &[wrong])), Err(Rejection::UpgradeRequired), "{wrong}");
        }
        assert_eq!(check(|p| set(p, "upgrade", &["websockets"])), Err(Rejection::UpgradeRequired));
        assert_eq!(check(|p| set(p, "upgrade", &[])), Err(Rejection::UpgradeRequired));
    }

    #[test]
    fn only_http_1_1_and_get() {
        assert_eq!(check(|p| p.version = Version::HTTP_10), Err(Rejection::UpgradeRequired));
        assert_eq!(check(|p| p.version = Version::HTTP_2), Err(Rejection::NotOverHttp2));
        assert_eq!(check(|p| p.method = Method::POST), Err(Rejection::MethodNotAllowed { post: false }));
        let post = parts(|p| p.method = Method::POST);
        assert!(negotiate(&post, &Policy { reads_body: true, ..policy() }).is_ok());
    }

    #[test]
    fn version_13_once() {
        for wrong in [&["8"][..], &["013"], &["13", "13"], &["13, 8"], &[]] {
            assert_eq!(
                check(|p| set(p, "sec-websocket-version", wrong)),
                Err(Rejection::UnsupportedVersion),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_key_of_sixteen_bytes_once() {
        let fifteen = data_encoding::BASE64.encode(&[0; 15]);
        let seventeen = data_encoding::BASE64.encode(&[0; 17]);
        for wrong in
            [&[fifteen.as_str()][..], &[&seventeen], &["%%%"], &["dGhlIHNhbXBsZSBub25jZQ"], &[KEY, KEY], &[]]
        {
            assert_eq!(
                check(|p| set(p, "sec-websocket-key", wrong)),
                Err(Rejection::InvalidKey),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn one_host() {
        for wrong in [&[][..], &["a.example", "b.example"], &["user@example.com"], &["exa mple"]] {
            assert_eq!(check(|p| set(p, "host", wrong)), Err(Rejection::InvalidHost), "{wrong:?}");
        }
    }

    #[test]
    fn no_extension_is_echoed() {
        let accepted =
            check(|p| set(p, "sec-websocket-extensions", &["permessage-deflate"])).expect("accepted");
        assert!(accepted.into_response().headers().get("sec-websocket-extensions").is_none());
    }
}
