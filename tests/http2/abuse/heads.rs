//! Malformed requests over HTTP/2, and requests that are ambiguous.
//!
//! h2 treats a malformed name or value as broken HPACK, which is a connection error.

use super::{
    Answer::{Ends, GoAway, Reset, Status},
    ENHANCE_YOUR_CALM, PROTOCOL_ERROR, Row, STREAM, answers,
    wire::{CONNECT, CONTINUATION, END_HEADERS, GET, HEADERS, block, frame, get, headers, integer, string},
};

/// Returns the valid CONNECT with another value of this field, or without it.
fn with(name: &str, value: Option<&str>) -> Vec<u8> {
    let fields = CONNECT.iter().filter_map(|&(other, good)| match value {
        _ if other != name => Some((other, good)),
        Some(value) => Some((other, value)),
        None => None,
    });
    headers(STREAM, &fields.collect::<Vec<_>>())
}

/// Returns the valid CONNECT with another field at its end.
fn and(name: &str, value: &str) -> Vec<u8> {
    headers(STREAM, &[&CONNECT[..], &[(name, value)]].concat())
}

#[tokio::test]
async fn wrong_pseudo_headers_are_refused() {
    let malformed = Reset(PROTOCOL_ERROR);
    let without_protocol = |fields: &[(&'static str, &'static str)]| headers(STREAM, fields);
    answers(vec![
        ("no method", with(":method", None), malformed),
        ("no scheme", with(":scheme", None), malformed),
        ("no path", with(":path", None), malformed),
        ("no authority", with(":authority", None), Status(400)),
        ("an empty protocol", with(":protocol", Some("")), Status(501)),
        ("another protocol", with(":protocol", Some("connect-udp")), Status(501)),
        ("a protocol that begins like ours", with(":protocol", Some("websocket2")), Status(501)),
        ("a protocol on a GET", with(":method", Some("GET")), malformed),
        ("a protocol on a method of one's own", with(":method", Some("BREW")), malformed),
        ("a method in lower case", with(":method", Some("connect")), malformed),
        ("a method that is no token", with(":method", Some("CON NECT")), GoAway(PROTOCOL_ERROR)),
        ("an empty path", with(":path", Some("")), malformed),
        ("a path without a slash", with(":path", Some("ws")), malformed),
        ("a path with a space", with(":path", Some("/w s")), malformed),
        ("a path with a NUL", with(":path", Some("/ws\0")), malformed),
        ("a path that is a star", with(":path", Some("*")), Status(404)),
        ("a path that is a URL", with(":path", Some("http://localhost/ws")), malformed),
        ("a scheme that is none", with(":scheme", Some("ht tp")), malformed),
        ("an authority with a user", with(":authority", Some("me@localhost")), Status(400)),
        ("an authority with a path", with(":authority", Some("localhost/ws")), malformed),
        ("an authority that is empty", with(":authority", Some("")), malformed),
        ("an authority with a space", with(":authority", Some("local host")), malformed),
        ("a protocol twice", and(":protocol", "websocket"), malformed),
        ("a pseudo-header behind a header", and(":path", "/ws"), malformed),
        (
            "an unknown pseudo-header",
            headers(STREAM, &[&[(":room", "lobby")], &CONNECT[..]].concat()),
            GoAway(PROTOCOL_ERROR),
        ),
        (
            "a status in a request",
            headers(STREAM, &[&[(":status", "200")], &CONNECT[..]].concat()),
            malformed,
        ),
        ("a tunnel", without_protocol(&[CONNECT[0], CONNECT[4]]), Status(404)),
        ("a tunnel with a path", without_protocol(&[CONNECT[0], CONNECT[3], CONNECT[4]]), malformed),
        ("no fields at all", headers(STREAM, &[]), malformed),
    ])
    .await;
}

#[tokio::test]
async fn headers_that_http2_forbids_are_refused() {
    let malformed = Reset(PROTOCOL_ERROR);
    answers(vec![
        ("a name in upper case", and("X-Room", "lobby"), GoAway(PROTOCOL_ERROR)),
        ("a name with a space", and("x room", "lobby"), GoAway(PROTOCOL_ERROR)),
        ("a name with a NUL", and("x\0", "lobby"), GoAway(PROTOCOL_ERROR)),
        ("an empty name", and("", "lobby"), GoAway(PROTOCOL_ERROR)),
        ("a value with a NUL", and("x-room", "lob\0by"), GoAway(PROTOCOL_ERROR)),
        ("a value with a line end", and("x-room", "lobby\r\nupgrade: websocket"), GoAway(PROTOCOL_ERROR)),
        ("Connection", and("connection", "upgrade"), malformed),
        ("Upgrade", and("upgrade", "websocket"), malformed),
        ("Keep-Alive", and("keep-alive", "timeout=5"), malformed),
        ("Proxy-Connection", and("proxy-connection", "close"), malformed),
        ("Transfer-Encoding", and("transfer-encoding", "chunked"), malformed),
        ("TE for more than trailers", and("te", "gzip"), malformed),
        ("TE for trailers", and("te", "trailers"), Status(200)),
        ("a key", and("sec-websocket-key", crate::support::KEY), Status(200)),
        ("a Host that says the same", and("host", "localhost"), Status(200)),
        ("a Host that says otherwise", and("host", "evil.example"), Status(400)),
        (
            "two Hosts",
            headers(STREAM, &[&CONNECT[..], &[("host", "localhost")], &[("host", "localhost")]].concat()),
            Status(400),
        ),
        ("a foreign origin", and("origin", "http://evil.example"), Status(403)),
        (
            "an origin like the Host that says otherwise",
            headers(
                STREAM,
                &[&CONNECT[..], &[("host", "evil.example"), ("origin", "http://evil.example")]].concat(),
            ),
            Status(400),
        ),
        ("a version twice", and("sec-websocket-version", "13"), Status(400)),
        ("a length that is none", and("content-length", "+5"), malformed),
        (
            "two lengths",
            headers(STREAM, &[&CONNECT[..], &[("content-length", "0"), ("content-length", "5")]].concat()),
            malformed,
        ),
        (
            "a length and the end of the stream",
            get(STREAM, &[&GET[..], &[("content-length", "5")]].concat()),
            malformed,
        ),
    ])
    .await;
}

/// RFC 9113, section 8.5, gives a CONNECT no content. hyper 1.12 ends the whole connection for one
/// that announces content, before we see the request; other connections are not affected.
#[tokio::test]
async fn a_connect_with_a_content_length_ends_the_connection() {
    answers(vec![
        ("a length of nothing", and("content-length", "0"), Status(200)),
        ("a length", and("content-length", "5"), Ends),
    ])
    .await;
}

/// A head may have 64 KiB in the count of RFC 9113, section 6.5.2, which adds 32 bytes per field,
/// and a hundred fields, however little a reference to one costs.
#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let many = |name, count: usize| in_frames(&vec![(name, "b=1"); count]);
    let long = |kib: usize| in_frames(&[("x-long", &"x".repeat(kib << 10))]);
    let cookie = "x".repeat(4_000);
    // One entry of the HPACK table, and references to it that cost a byte each.
    let bomb = |references: usize| {
        let entry = [&integer(6, 0x40, 0)[..], &string("cookie"), &string(&cookie)].concat();
        frame(HEADERS, END_HEADERS, STREAM, &[block(&CONNECT), entry, vec![0xbe; references]].concat())
    };
    let rows: Vec<Row> = vec![
        ("100 headers", many("a", 99), Status(200)),
        ("101 headers", many("a", 100), Status(431)),
        ("1,000 cookies", many("cookie", 1_000), Status(200)),
        ("2,000 cookies", many("cookie", 2_000), Status(431)),
        ("a header of 48 KiB", long(48), Status(200)),
        ("a header of 63 KiB", long(63), Status(200)),
        ("a bomb of 60 KiB", bomb(14), Status(200)),
        ("a bomb of 68 KiB", bomb(16), Status(431)),
        ("a bomb of 16 MB", bomb(4_000), GoAway(ENHANCE_YOUR_CALM)),
    ];
    answers(rows).await;
}

/// Returns the valid CONNECT with more fields, in as many frames as necessary.
fn in_frames(fields: &[(&str, &str)]) -> Vec<u8> {
    let block = block(&[&CONNECT[..], fields].concat());
    let pieces = block.chunks(10_000);
    let last = pieces.len() - 1;
    let frames = pieces.enumerate().map(|(n, piece)| {
        let kind = if n == 0 { HEADERS } else { CONTINUATION };
        frame(kind, if n == last { END_HEADERS } else { 0 }, STREAM, piece)
    });
    frames.flatten().collect()
}
