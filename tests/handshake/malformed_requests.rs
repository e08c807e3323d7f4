//! Requests over HTTP/1.1 that no client sends, byte by byte.

use ignitia::{
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};

use self::Then::{Closes, Serves, Upgrades};
use crate::support::{Bystander, End, Request, Transport, echo, over_http1, text};

/// State of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The connection ends.
    Closes,
    /// The connection serves other requests.
    Serves,
    /// The connection is a WebSocket.
    Upgrades,
}

type Row = (&'static str, Vec<u8>, u16, Then);

const GOOD: &str = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Returns a valid handshake with this request line.
fn line(line: impl AsRef<[u8]>) -> Vec<u8> {
    [line.as_ref(), b"\r\n", GOOD.as_bytes(), b"\r\n"].concat()
}

/// Returns a valid handshake with this target.
fn target(target: &str) -> Vec<u8> {
    line(format!("GET {target} HTTP/1.1"))
}

/// Returns a valid handshake with another line at its end.
fn and(header: impl AsRef<[u8]>) -> Vec<u8> {
    [b"GET /ws HTTP/1.1\r\n", GOOD.as_bytes(), header.as_ref(), b"\r\n\r\n"].concat()
}

/// Returns a valid handshake for another target, with these lines as its `Host`.
fn hosts(target: &str, lines: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\n{lines}{}\r\n", &GOOD["Host: localhost\r\n".len()..]).into_bytes()
}

fn request_lines() -> Vec<Row> {
    vec![
        ("a NUL in the target", line(b"GET /w\0s HTTP/1.1"), 400, Closes),
        ("a NUL behind the target", line(b"GET /ws\0 HTTP/1.1"), 400, Closes),
        ("a tab for a space", line(b"GET\t/ws HTTP/1.1"), 400, Closes),
        ("two spaces", line(b"GET  /ws HTTP/1.1"), 400, Closes),
        ("a space in the target", line(b"GET /w s HTTP/1.1"), 400, Closes),
        ("a space before the method", line(b" GET /ws HTTP/1.1"), 400, Closes),
        ("a carriage return in the line", line(b"GET /ws\rHTTP/1.1"), 400, Closes),
        ("a byte that is no ASCII in the method", line(b"G\xcbT /ws HTTP/1.1"), 400, Closes),
        ("a byte that is no ASCII in the target", line(b"GET /ws\xff HTTP/1.1"), 400, Closes),
        ("a method in lower case", line(b"get /ws HTTP/1.1"), 405, Serves),
        ("HTTP/0.9", line(b"GET /ws"), 400, Closes),
        ("HTTP/1.2", line(b"GET /ws HTTP/1.2"), 400, Closes),
        ("HTTP/2.0", line(b"GET /ws HTTP/2.0"), 400, Closes),
        ("HTTP/1.1 with a letter behind it", line(b"GET /ws HTTP/1.1x"), 400, Closes),
        ("another protocol", line(b"GET /ws RTSP/1.0"), 400, Closes),
        ("the preface of HTTP/2 with an H in it", b"PRI * HTTP/2.0\r\n\r\nHM\r\n\r\n".to_vec(), 400, Closes),
        (
            "TLS where none is spoken",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
            400,
            Closes,
        ),
        ("SSH", b"SSH-2.0-OpenSSH_9.7\r\n\r\n".to_vec(), 400, Closes),
        ("a hundred empty lines before it", [b"\r\n".repeat(100), target("/ws")].concat(), 101, Upgrades),
    ]
}

fn targets() -> Vec<Row> {
    vec![
        ("no target", target(""), 400, Closes),
        ("a star", target("*"), 404, Serves),
        ("an authority", target("localhost:80"), 404, Serves),
        ("no slash", target("ws"), 404, Serves),
        ("two slashes", target("//ws"), 404, Serves),
        ("a slash behind it", target("/ws/"), 404, Serves),
        ("upper case", target("/WS"), 404, Serves),
        ("a dot", target("/./ws"), 404, Serves),
        ("two dots", target("/x/../ws"), 404, Serves),
        ("an encoded slash", target("/%2Fws"), 404, Serves),
        ("an encoded first slash", target("%2Fws"), 400, Closes),
        ("a backslash", target("\\ws"), 400, Closes),
        ("a fragment", target("/ws#there"), 101, Upgrades),
        ("half an escape", target("/rooms/a%4"), 101, Upgrades),
        ("an escape that is none", target("/rooms/%zz"), 101, Upgrades),
        ("an escape that is not UTF-8", target("/rooms/%ff"), 400, Serves),
        ("an overlong escape", target("/rooms/%c0%af"), 400, Serves),
        ("an encoded NUL", target("/rooms/%00"), 101, Upgrades),
        ("an encoded line end", target("/rooms/%0d%0aSet-Cookie:x"), 101, Upgrades),
        ("an escape in the query that is not UTF-8", target("/asks?room=%ff"), 101, Upgrades),
        ("48 KiB", target(&format!("/{}", "x".repeat(48 << 10))), 404, Serves),
        ("a query of 48 KiB", target(&format!("/ws?{}", "x".repeat(48 << 10))), 101, Upgrades),
    ]
}

/// RFC 9112, section 3.2: one valid `Host` line is required, whatever the target is.
fn absolute_targets() -> Vec<Row> {
    vec![
        ("a URL without a Host", hosts("http://localhost/ws", ""), 400, Serves),
        ("a URL with two Hosts", hosts("http://localhost/ws", "Host: a\r\nHost: b\r\n"), 400, Serves),
        ("a URL with a Host that is none", hosts("http://localhost/ws", "Host: a b\r\n"), 400, Serves),
        ("a URL with a user", target("http://me@localhost/ws"), 400, Serves),
        ("a URL with a port that is none", target("http://localhost:port/ws"), 400, Serves),
        ("a URL with a port that is too large", target("http://localhost:99999/ws"), 400, Serves),
        ("a URL without a host", target("http:///ws"), 400, Closes),
        ("a URL without a path", target("http://localhost"), 404, Serves),
        ("a URL of another place", target("http://elsewhere/ws"), 101, Upgrades),
        ("a URL of another scheme", target("gopher://localhost/ws"), 101, Upgrades),
        (
            "the origin of the Host, not of the URL",
            [hosts("http://localhost/ws", "Host: evil.example\r\nOrigin: http://evil.example\r\n")].concat(),
            403,
            Serves,
        ),
        ("a Host with a port that is none", hosts("/ws", "Host: localhost:port\r\n"), 400, Serves),
        ("a Host with a port that is too large", hosts("/ws", "Host: localhost:99999\r\n"), 400, Serves),
        ("a Host with a path", hosts("/ws", "Host: localhost/ws\r\n"), 400, Serves),
        ("a Host with a NUL", hosts("/ws", "Host: local\0host\r\n"), 400, Closes),
        ("two Hosts in a line", hosts("/ws", "Host: localhost, evil.example\r\n"), 400, Serves),
        ("an origin with a port that is none", and("Origin: http://localhost:port"), 403, Serves),
    ]
}

fn headers() -> Vec<Row> {
    let key = &GOOD[GOOD.len() - 26..GOOD.len() - 2];
    vec![
        ("a folded line", and("X-Room: a\r\n b"), 400, Closes),
        ("a folded line with a tab", and("X-Room: a\r\n\tb"), 400, Closes),
        ("a first line that is folded", line("GET /ws HTTP/1.1\r\n X-Room: a"), 400, Closes),
        ("a space before the colon", and("X-Room : a"), 400, Closes),
        ("a tab before the colon", and("X-Room\t: a"), 400, Closes),
        ("no colon", and("X-Room"), 400, Closes),
        ("no name", and(": a"), 400, Closes),
        ("a space in the name", and("X Room: a"), 400, Closes),
        ("a NUL in the name", and("X\0Room: a"), 400, Closes),
        ("a NUL in the value", and("X-Room: a\0b"), 400, Closes),
        ("a byte that is no ASCII in the name", and(b"X-R\xf6\xf6m: a"), 400, Closes),
        ("a control character in the value", and("X-Room: a\x01b"), 400, Closes),
        ("a delete in the value", and("X-Room: a\x7fb"), 400, Closes),
        ("a carriage return in the value", and("X-Room: a\rb"), 400, Closes),
        ("a carriage return that ends a line", and("X-Room: a\rX-Seat: b"), 400, Closes),
        (
            "line feeds for line ends",
            String::from_utf8(and("X-Room: a")).unwrap().replace("\r\n", "\n").into(),
            101,
            Upgrades,
        ),
        ("a value that is no ASCII", and(b"X-Room: caf\xe9"), 101, Upgrades),
        ("a name in any case", and("x-ROOM: a"), 101, Upgrades),
        ("95 headers", and(["X-Room: a"; 95].join("\r\n")), 101, Upgrades),
        ("101 headers", and(["X-Room: a"; 96].join("\r\n")), 431, Closes),
        ("a header of 48 KiB", and(format!("X-Room: {}", "a".repeat(48 << 10))), 101, Upgrades),
        ("an upgrade to two at once", and("Upgrade: h2c"), 101, Upgrades),
        ("a connection that closes and upgrades", and("Connection: close"), 101, Upgrades),
        ("a second key in another case", and(format!("SEC-WEBSOCKET-KEY: {key}")), 400, Serves),
        ("a version with a NUL", and("Sec-WebSocket-Version: 13\0"), 400, Closes),
        ("a subprotocol that is no ASCII", and(b"Sec-WebSocket-Protocol: caf\xe9"), 400, Serves),
        ("an origin that is no ASCII", and(b"Origin: http://localhost\xe9"), 403, Serves),
        ("an unknown expectation", and("Expect: the-unexpected"), 101, Upgrades),
    ]
}

fn router() -> Router {
    let strict = WebSocketConfig::default().origin(Origin::SameOrigin);
    Router::new()
        .websocket("/ws", echo)
        .websocket("/rooms/{room}", |_: Path<String>, ws: WebSocketConnection| echo(ws))
        .websocket("/asks", |_: Query<Vec<(String, String)>>, ws: WebSocketConnection| echo(ws))
        .websocket_with("/strict", echo, strict)
        .get("/page", || async { "a page" })
}

async fn answers(rows: fn() -> Vec<Row>) {
    over_http1(router, async |server| {
        let mut bystander = Bystander::of(&server).await;
        for (name, bytes, status, then) in rows() {
            let long = bytes.len() > 1_000;
            for one_by_one in [false, true] {
                if one_by_one && (long || server.transport != Transport::Plain) {
                    continue;
                }
                println!("{name}, one by one: {one_by_one}");
                let mut socket = server.connect().await;
                if one_by_one {
                    socket.trickle(&bytes).await;
                } else {
                    socket.send(&bytes).await;
                }
                let head = socket.head().await;
                assert_eq!(head.status, status, "{head:?}");
                if status != 101 {
                    assert_eq!(head.get("sec-websocket-accept"), None);
                    socket.body(&head).await;
                }
                match then {
                    Closes if server.transport == Transport::Tls => {
                        assert_ne!(socket.end().await, End::Reset);
                    }
                    Closes => assert_eq!(socket.end().await, End::Eof),
                    Serves => {
                        let page = socket.ask(&Request::get("/page")).await;
                        assert_eq!((page.status, socket.body(&page).await), (200, "a page".to_owned()));
                    }
                    Upgrades => {
                        socket.send(&text(name)).await;
                        socket.expect_text(name).await;
                    }
                }
            }
        }
        bystander.is_served().await;
    })
    .await;
}

#[tokio::test]
async fn malformed_request_lines_are_refused() {
    answers(request_lines).await;
}

#[tokio::test]
async fn unusual_targets_match_exactly_or_not_at_all() {
    answers(targets).await;
}

#[tokio::test]
async fn one_valid_host_line_is_required_whatever_the_target_is() {
    answers(absolute_targets).await;
}

#[tokio::test]
async fn malformed_headers_are_refused() {
    answers(headers).await;
}
