//! The opening handshake as pure functions of the request's head: the upgrade of HTTP/1.1 and the extended CONNECT of
//! HTTP/2.

mod extensions;
mod http1;
mod http2;
mod key;
mod list;
mod origin;
mod rejection;
mod subprotocol;

use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Version,
    header::{HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
    uri::Authority,
};

pub use self::origin::{AllowedOrigins, Origin, OriginPredicate};
use self::{key::AcceptKey, list::has_token, subprotocol::Selection};
pub(crate) use self::{list::is_token, rejection::Rejection};

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
    /// What the client has used, as far as that is known.
    pub(crate) security: Option<Security>,
    /// The host that a trusted proxy says the client has asked for.
    pub(crate) forwarded_host: Option<&'a str>,
    /// The `:protocol` of an extended CONNECT.
    pub(crate) protocol: Option<&'a str>,
    /// Whether the handler reads a body: POST is let through then.
    pub(crate) reads_body: bool,
}

/// A request that asks for a WebSocket as it should. What it offers has not been looked at: that may be long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opening(Answer);

/// A handshake that may be answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    answer: Answer,
    pub(crate) subprotocol: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Switching(AcceptKey),
    Connected(Option<AcceptKey>),
}

/// Whether a request asks for a WebSocket, well or badly, and not for the page on the same path.
///
/// `Connection: upgrade` alone does not ask: there are proxies that send it with everything. And where they leave out both lines that
/// ask, the ones about WebSockets are still there.
pub(crate) fn is_asked_for(method: &Method, headers: &HeaderMap) -> bool {
    let has_lines = || {
        has_token(headers, &UPGRADE, "websocket")
            || headers.contains_key(SEC_WEBSOCKET_KEY)
            || headers.contains_key(SEC_WEBSOCKET_VERSION)
    };
    *method == Method::CONNECT || (*method == Method::GET || *method == Method::POST) && has_lines()
}

/// Checks the head of a request that is to become a WebSocket, but for what it offers.
pub(crate) fn check(parts: &Parts, policy: &Policy<'_>) -> Result<Opening, Rejection> {
    let answer = if parts.version == Version::HTTP_2 {
        Answer::Connected(http2::check(parts, policy.protocol)?)
    } else {
        Answer::Switching(http1::check(parts, policy.reads_body)?)
    };
    let host = host(parts).ok_or(Rejection::InvalidHost)?;
    let forwarded = policy.forwarded_host.and_then(|host| host.parse().ok()).filter(is_plain);
    policy.origin.check(&parts.headers, forwarded.as_ref().unwrap_or(&host), policy.security)?;
    Ok(Opening(answer))
}

impl Opening {
    /// Looks at what the client offers. No extension is accepted: none is implemented.
    pub(crate) fn negotiate(
        self,
        headers: &HeaderMap,
        subprotocols: &[String],
    ) -> Result<Accepted, Rejection> {
        extensions::check(headers)?;
        let subprotocol = match subprotocol::select(headers, subprotocols)? {
            Selection::Selected(name) => Some(name),
            Selection::NoOffer => None,
            Selection::NoneInCommon => {
                // Not which were offered: some clients put their token there.
                tracing::info!(
                    spoken = ?subprotocols,
                    "no subprotocol selected: the client offers none that this endpoint speaks. Browsers end such a \
                     connection at once, with 1006; WebSocketConfig::subprotocols says which are spoken"
                );
                None
            }
        };
        Ok(Accepted { answer: self.0, subprotocol })
    }
}

/// The answer after which frames follow.
impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        let mut response = match &self.answer {
            Answer::Switching(key) => http1::switching_protocols(key),
            Answer::Connected(key) => http2::connected(key.as_ref()),
        };
        if let Some(subprotocol) = &self.subprotocol {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, ascii(subprotocol));
        }
        response
    }
}

fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("base64 and what came from a header are header values")
}

fn is_version_13(headers: &HeaderMap) -> bool {
    single(headers, SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
}

/// The value of a header that must stand there exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The host that the client means: of an absolute target or `:authority`, else of the `Host` line.
///
/// HTTP/1.1 has exactly one valid line, whatever its target is ([RFC 9112, section
/// 3.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2)); HTTP/2 may have none beside its `:authority`, but not
/// another host ([RFC 9113, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)).
fn host(parts: &Parts) -> Option<Authority> {
    let target = parts.uri.authority();
    let is_http2 = parts.version == Version::HTTP_2;
    if is_http2 && !parts.headers.contains_key(HOST) {
        return target.filter(|target| is_plain(target)).cloned();
    }
    let line: Authority = single(&parts.headers, HOST)?.parse().ok().filter(is_plain)?;
    match target {
        None => Some(line),
        Some(target) if !is_plain(target) => None,
        Some(target) if is_http2 && !target.host().eq_ignore_ascii_case(line.host()) => None,
        Some(target) => Some(target.clone()),
    }
}

/// Whether this is a host and at most a port, and no user.
fn is_plain(authority: &Authority) -> bool {
    let host = authority.host();
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    !host.is_empty()
        && match authority.as_str().strip_prefix(host) {
            Some("" | ":") => true,
            Some(rest) => rest.strip_prefix(':').is_some_and(is_port),
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn policy() -> Policy<'static> {
        Policy {
            origin: &Origin::SameHost,
            security: None,
            forwarded_host: None,
            protocol: None,
            reads_body: false,
        }
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

    fn negotiate(parts: &Parts, policy: &Policy<'_>) -> Result<Accepted, Rejection> {
        super::check(parts, policy)?.negotiate(&parts.headers, &[])
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
        assert_eq!(accepted.subprotocol, None);
        let answer = accepted.into_response();
        assert_eq!(answer.status(), 101);
        assert_eq!(answer.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn tokens_are_whole_and_caseless_over_all_lines() {
        assert!(check(|p| set(p, "connection", &["keep-alive, UPGRADE"])).is_ok());
        assert!(check(|p| set(p, "connection", &["keep-alive", "Upgrade"])).is_ok());
        assert!(check(|p| set(p, "upgrade", &["h2c", "WebSocket"])).is_ok());
        assert!(check(|p| set(p, "connection", &["jörg, upgrade"])).is_ok());
        let latin1 = HeaderValue::from_bytes(b"j\xf6rg, upgrade").expect("a header value");
        assert!(check(|p| drop(p.headers.insert("connection", latin1))).is_ok());
        for wrong in ["notupgrade", "upgrade2", "up grade", "keep-alive", ""] {
            assert_eq!(check(|p| set(p, "connection", &[wrong])), Err(Rejection::UpgradeRequired), "{wrong}");
        }
        assert_eq!(check(|p| set(p, "upgrade", &["websockets"])), Err(Rejection::UpgradeRequired));
        assert_eq!(check(|p| set(p, "upgrade", &[])), Err(Rejection::UpgradeRequired));
    }

    #[test]
    fn only_http_1_1_and_get() {
        assert_eq!(check(|p| p.version = Version::HTTP_10), Err(Rejection::Http10));
        // A plain page of that version wants no upgrade, and does not learn of one that it could not have had.
        let plain = |p: &mut Parts| {
            p.version = Version::HTTP_10;
            set(p, "upgrade", &[]);
        };
        assert_eq!(check(plain), Err(Rejection::UpgradeRequired));
        assert_eq!(check(|p| p.method = Method::POST), Err(Rejection::MethodNotAllowed { post: false }));
        let post = parts(|p| p.method = Method::POST);
        assert!(negotiate(&post, &Policy { reads_body: true, ..policy() }).is_ok());
    }

    fn connect(protocol: Option<&str>, change: impl FnOnce(&mut Parts)) -> Result<Accepted, Rejection> {
        let (mut parts, ()) = Request::connect("https://example.com/ws")
            .version(Version::HTTP_2)
            .header("sec-websocket-version", "13")
            .body(())
            .expect("a valid request")
            .into_parts();
        change(&mut parts);
        negotiate(&parts, &Policy { protocol, ..policy() })
    }

    #[test]
    fn http_2_is_an_extended_connect_for_websocket() {
        let websocket = Some("websocket");
        let answer = connect(websocket, |_| {}).expect("a valid handshake").into_response();
        assert_eq!((answer.status().as_u16(), answer.headers().len()), (200, 0));
        assert_eq!(connect(websocket, |p| p.method = Method::GET), Err(Rejection::ConnectRequired));
        assert_eq!(connect(None, |_| {}), Err(Rejection::ConnectRequired));
        assert_eq!(connect(Some("connect-udp"), |_| {}), Err(Rejection::UnknownProtocol));
        for wrong in [&["8"][..], &["13", "13"], &[]] {
            let answer = connect(websocket, |p| set(p, "sec-websocket-version", wrong));
            assert_eq!(answer, Err(Rejection::UnsupportedVersion { http2: true }));
        }
    }

    #[test]
    fn http_2_has_the_host_in_its_authority() {
        for (origin, answer) in [("https://example.com", true), ("https://evil.example", false)] {
            let accepted = connect(Some("websocket"), |p| set(p, "origin", &[origin]));
            assert_eq!(accepted.is_ok(), answer, "{origin}");
        }
    }

    #[test]
    fn http_2_has_no_other_host_beside_its_authority() {
        for (host, answer) in [
            (&["example.com"][..], true),
            (&["EXAMPLE.com:443"], true),
            (&["evil.example"], false),
            (&["example.com", "example.com"], false),
            (&[""], false),
        ] {
            let accepted = connect(Some("websocket"), |p| set(p, "host", host));
            assert_eq!(accepted.is_ok(), answer, "{host:?}");
        }
        let user = "https://me@example.com/ws".parse().expect("a URI");
        let refused = connect(Some("websocket"), |p| p.uri = user);
        assert_eq!(refused, Err(Rejection::InvalidHost));
    }

    #[test]
    fn version_13_once() {
        for wrong in [&["8"][..], &["013"], &["13", "13"], &["13, 8"], &[]] {
            assert_eq!(
                check(|p| set(p, "sec-websocket-version", wrong)),
                Err(Rejection::UnsupportedVersion { http2: false }),
                "{wrong:?}"
            );
        }
    }

    /// Of 15 and 17 bytes, no base64, another alphabet's, without its padding, with white space, twice.
    const NO_KEYS: [&[&str]; 9] = [
        &["AAAAAAAAAAAAAAAAAAAA"],
        &["AAAAAAAAAAAAAAAAAAAAAAA="],
        &["%%%"],
        &["_-hlIHNhbXBsZSBub25jZQ=="],
        &["dGhlIHNhbXBsZSBub25jZQ"],
        &["dGhlIHNhbXBsZSBub25j\tQ=="],
        &[KEY, KEY],
        &[KEY, ""],
        &[""],
    ];

    #[test]
    fn a_key_of_sixteen_bytes_once() {
        for wrong in NO_KEYS {
            let answer = check(|p| set(p, "sec-websocket-key", wrong));
            assert_eq!(answer, Err(Rejection::InvalidKey), "{wrong:?}");
        }
        assert_eq!(check(|p| set(p, "sec-websocket-key", &[])), Err(Rejection::MissingKey));
    }

    /// The example of section 4.1, whose last digit has a bit of its padding set, and the same bytes without it.
    #[test]
    fn padding_bits_of_a_key_are_taken_as_they_are() {
        for (key, accept) in [
            ("AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM="),
            ("AQIDBAUGBwgJCgsMDQ4PEA==", "C/0nmHhBztSRGR1CwL6Tf4ZjwpY="),
        ] {
            let answer = check(|p| set(p, "sec-websocket-key", &[key])).expect("a valid key").into_response();
            assert_eq!(answer.headers()["sec-websocket-accept"], accept, "{key}");
        }
    }

    #[test]
    fn http_2_answers_a_key_that_is_there() {
        let answer = |keys: &[&str]| connect(Some("websocket"), |p| set(p, "sec-websocket-key", keys));
        let response = answer(&[KEY]).expect("a valid handshake").into_response();
        assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!((response.status().as_u16(), response.headers().len()), (200, 1));
        for wrong in NO_KEYS {
            assert_eq!(answer(wrong), Err(Rejection::InvalidKey), "{wrong:?}");
        }
    }

    #[test]
    fn one_host() {
        for wrong in [
            &[][..],
            &["a.example", "b.example"],
            &["user@example.com"],
            &["exa mple"],
            &["example.com:port"],
            &["example.com:65536"],
            &["example.com:+80"],
            &[":80"],
        ] {
            let answer = check(|p| set(p, "host", wrong));
            assert_eq!(answer, Err(Rejection::InvalidHost), "{wrong:?}");
            let answer = check(|p| {
                p.uri = "http://example.com/ws".parse().expect("a URI");
                set(p, "host", wrong);
            });
            assert_eq!(answer, Err(Rejection::InvalidHost), "{wrong:?}, and an absolute target");
        }
        for right in ["example.com", "example.com:", "example.com:80", "[::1]", "[::1]:65535", "127.0.0.1:0"]
        {
            assert!(check(|p| set(p, "host", &[right])).is_ok(), "{right}");
        }
        for wrong in ["http://user@example.com/ws", "http://example.com@example.com/ws"] {
            let answer = check(|p| p.uri = wrong.parse().expect("a URI"));
            assert_eq!(answer, Err(Rejection::InvalidHost), "{wrong}");
        }
    }

    #[test]
    fn no_extension_is_echoed() {
        let accepted =
            check(|p| set(p, "sec-websocket-extensions", &["permessage-deflate"])).expect("accepted");
        assert!(accepted.into_response().headers().get("sec-websocket-extensions").is_none());
    }
}
