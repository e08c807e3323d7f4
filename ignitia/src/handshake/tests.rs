//! Tests of the handshake as a whole, over HTTP/1.1 and HTTP/2.

use axum_core::response::IntoResponse;
use http::{HeaderValue, Method, Request, Version, request::Parts};

use super::{accepted::Accepted, origin::Origin, policy::HandshakePolicy, rejection::Rejection};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

fn policy() -> HandshakePolicy<'static> {
    HandshakePolicy {
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

fn negotiate(parts: &Parts, policy: &HandshakePolicy<'_>) -> Result<Accepted, Rejection> {
    super::opening_handshake::check(parts, policy)?.negotiate(&parts.headers, &[], None)
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
    // A plain request of that version asks for no upgrade, and need not learn of one that it could
    // not have had.
    let plain = |p: &mut Parts| {
        p.version = Version::HTTP_10;
        set(p, "upgrade", &[]);
    };
    assert_eq!(check(plain), Err(Rejection::UpgradeRequired));
    assert_eq!(check(|p| p.method = Method::POST), Err(Rejection::MethodNotAllowed { post: false }));
    let post = parts(|p| p.method = Method::POST);
    assert!(negotiate(&post, &HandshakePolicy { reads_body: true, ..policy() }).is_ok());
}

fn connect(protocol: Option<&str>, change: impl FnOnce(&mut Parts)) -> Result<Accepted, Rejection> {
    let (mut parts, ()) = Request::connect("https://example.com/ws")
        .version(Version::HTTP_2)
        .header("sec-websocket-version", "13")
        .body(())
        .expect("a valid request")
        .into_parts();
    change(&mut parts);
    negotiate(&parts, &HandshakePolicy { protocol, ..policy() })
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

/// Invalid keys: of 15 and 17 bytes, not base64, of another alphabet, without padding, with white
/// space, twice.
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

/// Accepts the key of section 4.1, whose last digit has a bit of its padding set, and the same
/// bytes without it.
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
    for right in ["example.com", "example.com:", "example.com:80", "[::1]", "[::1]:65535", "127.0.0.1:0"] {
        assert!(check(|p| set(p, "host", &[right])).is_ok(), "{right}");
    }
    for wrong in ["http://user@example.com/ws", "http://example.com@example.com/ws"] {
        let answer = check(|p| p.uri = wrong.parse().expect("a URI"));
        assert_eq!(answer, Err(Rejection::InvalidHost), "{wrong}");
    }
}

#[test]
fn no_extension_is_echoed() {
    let accepted = check(|p| set(p, "sec-websocket-extensions", &["permessage-deflate"])).expect("accepted");
    assert!(accepted.into_response().headers().get("sec-websocket-extensions").is_none());
}
