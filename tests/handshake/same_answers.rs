//! The server reads the first request of a connection itself, and hyper reads all others, and those
//! that the server cannot answer. The answer is the same.

use std::{convert::Infallible, io, net::SocketAddr};

use axum::extract::{ConnectInfo, Request as AxumRequest};
use http::{HeaderMap, request::Parts};
use hyper::upgrade::OnUpgrade;
use ignitia::{
    FromRequestParts, IntoRouter, ProxyProtocol,
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::UnixStream,
    task::yield_now,
};

use crate::support::{
    DEADLINE, Request, Running, TempFolder, Transport, close, echo, frame, tcp, text, tls, within,
};

/// A name, and the bytes that a client sends at once.
type Row = (&'static str, Vec<u8>);

/// Reader of the first request, and writer of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The server reads it, and writes the 101.
    Server,
    /// The server reads it, and hyper writes the answer, as it is not there at once.
    Both,
    /// hyper does both, as the routes have a layer.
    Hyper,
}

impl By {
    const ALL: [Self; 3] = [Self::Hyper, Self::Server, Self::Both];

    fn router(self) -> Router {
        match self {
            Self::Server => routes::<false>().into_router(),
            Self::Both => routes::<true>().into_router(),
            Self::Hyper => routes::<false>().layer(Extension(())).into_router(),
        }
    }
}

/// All that a handler sees of a request. With `PAUSES`, extraction takes two polls.
struct Seen<const PAUSES: bool>(String);

impl<S: Sync, const PAUSES: bool> FromRequestParts<S> for Seen<PAUSES> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if PAUSES {
            yield_now().await;
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let Parts { method, uri, version, headers, .. } = parts;
        Ok(Self(format!("{method} {uri} {version:?} {headers:?} {peer:?}")))
    }
}

fn routes<const PAUSES: bool>() -> Router<&'static str> {
    let strict = WebSocketConfig::default().origin(Origin::SameOrigin);
    let speaks = WebSocketConfig::default().subprotocols(["chat.v2", "chat.v1"]);
    let is_upgradable = |request: AxumRequest| async move {
        format!("upgradable: {}", request.extensions().get::<OnUpgrade>().is_some())
    };
    let seen = |Seen(seen): Seen<PAUSES>, ws: WebSocketConnection| async move {
        ws.send_text(seen).await?;
        echo(ws).await
    };
    let refused = |_: Seen<PAUSES>, _: WebSocketConnection| async {
        (StatusCode::PAYMENT_REQUIRED, [("x-why", "money"), ("x-why", "and more")], "pay first")
            .into_response()
    };
    let headed = |_: Seen<PAUSES>, id: RequestId, headers: ResponseHeaders, ws| async move {
        headers.append("x-by", "the handler")?;
        headers.append("x-by", id.0)?;
        headers.set_cookie("a=1")?;
        echo(ws).await
    };
    let reads = |_: Seen<PAUSES>, body: String, ws: WebSocketConnection| async move {
        ws.send_text(body).await?;
        echo(ws).await
    };
    let asks = |_: Seen<PAUSES>,
                State(state): State<&'static str>,
                Query(query): Query<Vec<(String, String)>>,
                ws: WebSocketConnection| async move {
        ws.send_text(format!("{state} {query:?}")).await?;
        echo(ws).await
    };
    let takes = |_: Seen<PAUSES>, request: AxumRequest, ws: WebSocketConnection| async move {
        let headers: &HeaderMap = request.headers();
        ws.send_text(format!("{} {}", request.uri(), headers.len())).await?;
        echo(ws).await
    };
    let nested = Router::new().websocket("/ws", seen).fallback(async || "the nested fallback");
    Router::new()
        .state("the state")
        .websocket("/ws", seen)
        .websocket(
            "/rooms/{room}",
            |_: Seen<PAUSES>, Path(room): Path<String>, ws: WebSocketConnection| async move {
                ws.send_text(room).await?;
                echo(ws).await
            },
        )
        .route("/rooms/page", axum::routing::any(is_upgradable))
        .websocket("/refused", refused)
        .websocket("/headed", headed)
        .websocket("/reads", reads)
        .websocket("/asks", asks)
        .websocket("/takes", takes)
        .websocket("/both", seen)
        .get("/both", async || "the page beside it")
        .websocket_with("/strict", |_: Seen<PAUSES>, ws| echo(ws), strict)
        .websocket_with("/speaks", |_: Seen<PAUSES>, ws| echo(ws), speaks)
        .get("/page", async || "a page")
        .nest("/nested", nested)
        .merge(Router::new().websocket("/merged", seen))
        .fallback(async || (StatusCode::NOT_FOUND, "the fallback"))
}

/// Sends these bytes, and then what shows the state of the connection: a message and a close frame
/// behind a 101, or else the last request for a page. Returns all that comes back.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> String {
    let mut received = Vec::new();
    within("the answer", async {
        stream.write_all(bytes).await.unwrap();
        while !received.windows(4).any(|window| window == b"\r\n\r\n") {
            if stream.read_buf(&mut received).await.unwrap() == 0 {
                break;
            }
        }
        let then = if received.starts_with(b"HTTP/1.1 101") {
            [text("behind"), close(1000, "")].concat()
        } else {
            Request::get("/page").set("Connection", &["close"]).to_bytes()
        };
        // It may have ended the connection.
        let _ = stream.write_all(&then).await;
        loop {
            match stream.read_buf(&mut received).await {
                Ok(0) => break,
                Ok(_) => {}
                // Unread bytes turn the end into a reset, which TLS reports as a truncation.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => break,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await;
    normalized(&received)
}

/// Returns an answer without its date, and the lines of each head in one order.
fn normalized(received: &[u8]) -> String {
    let text: String = received.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    let part = |part: &str| {
        let mut lines: Vec<_> = part.split("\\r\\n").filter(|line| !line.starts_with("date: ")).collect();
        if let [_, headers @ ..] = &mut lines[..] {
            headers.sort_unstable();
        }
        lines.join("\n")
    };
    text.split("\\r\\n\\r\\n").map(part).collect::<Vec<_>>().join("\n\n")
}

fn upgrade(path: &str) -> Request {
    Request::upgrade(path)
}

/// Returns a valid handshake with this line beside its own.
fn with(line: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = upgrade("/ws").to_bytes();
    bytes.truncate(bytes.len() - 2);
    [&bytes, line.as_ref(), b"\r\n\r\n"].concat()
}

fn line(line: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = upgrade("/ws").to_bytes();
    let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
    [line.as_ref(), &bytes[end..]].concat()
}

fn target(target: &str) -> Vec<u8> {
    line(format!("GET {target} HTTP/1.1"))
}

fn set(name: &str, values: &[&str]) -> Vec<u8> {
    upgrade("/ws").set(name, values).to_bytes()
}

fn lines() -> Vec<Row> {
    vec![
        ("a handshake", target("/ws")),
        ("a post", line("POST /ws HTTP/1.1")),
        ("a head", line("HEAD /ws HTTP/1.1")),
        ("options", line("OPTIONS /ws HTTP/1.1")),
        ("a connect", line("CONNECT /ws HTTP/1.1")),
        ("lower case", line("get /ws HTTP/1.1")),
        ("1.0", line("GET /ws HTTP/1.0")),
        ("1.2", line("GET /ws HTTP/1.2")),
        ("a NUL", line("GET /w\0s HTTP/1.1")),
        ("two spaces", line("GET  /ws HTTP/1.1")),
        ("a space behind it", line("GET /ws HTTP/1.1 ")),
        ("empty lines before it", [b"\r\n\r\n".to_vec(), target("/ws")].concat()),
        ("line feeds before it", [b"\n\n".to_vec(), target("/ws")].concat()),
        (
            "the start of HTTP/2's preface before it",
            [b"PRI * HTTP/2.0\r\n\r\n".to_vec(), target("/ws")].concat(),
        ),
        ("line feeds", String::from_utf8(target("/ws")).unwrap().replace("\r\n", "\n").into_bytes()),
        (
            "a bare carriage return",
            String::from_utf8(target("/ws")).unwrap().replace("\r\n", "\r").into_bytes(),
        ),
    ]
}

fn targets() -> Vec<Row> {
    vec![
        ("a query", target("/ws?a=b&c=%20d")),
        ("a query with a question mark", target("/ws?a?b")),
        ("an empty query", target("/ws?")),
        ("a query that is no ASCII", target("/ws?\u{e4}")),
        ("a query of UTF-8 in the handler", target("/asks?a=%C3%A4&b=+&a=\u{e4}")),
        ("a fragment", target("/ws#there")),
        ("a fragment behind a query", target("/ws?a#there")),
        ("a fragment with a query in it", target("/ws#there?a")),
        ("a fragment behind a parameter", target("/rooms/a#there")),
        ("a fragment behind a page", target("/rooms/page#there")),
        ("a fragment behind a page with a query in it", target("/rooms/page#?x")),
        ("a page beside the rooms", target("/rooms/page")),
        ("no path", target("?a")),
        ("only a fragment", target("#a")),
        ("a star", target("*")),
        ("an authority", target("localhost:80")),
        ("a URL", target("http://localhost/ws")),
        ("a URL of another place", target("http://elsewhere:81/ws?a")),
        ("a URL without a path", target("http://localhost")),
        ("two slashes", target("//ws")),
        ("a slash behind it", target("/ws/")),
        ("dots", target("/x/../ws")),
        ("a parameter with odd characters", target("/rooms/a|b^c`d\"e<f>{g}\\")),
        ("an escape", target("/rooms/a%20b")),
        ("an escaped letter", target("/%77s")),
        ("no UTF-8 in a parameter", target("/rooms/%ff")),
        ("an empty parameter", target("/rooms/")),
        ("letters beyond ASCII", target("/rooms/\u{e4}")),
        ("Latin 1", line(b"GET /rooms/\xe4 HTTP/1.1")),
        ("Latin 1 in the query", line(b"GET /ws?\xe4 HTTP/1.1")),
        ("a route below another", target("/nested/ws?x")),
        ("no route below another", target("/nested/other")),
        ("a merged route", target("/merged")),
        ("no route", target("/none")),
        ("another case", target("/WS")),
        ("a query as long as the first read", target(&format!("/ws?{}", "x".repeat(1_800)))),
        ("a query longer than the first read", target(&format!("/ws?{}", "x".repeat(2_100)))),
        ("a long query", target(&format!("/ws?{}", "x".repeat(40_000)))),
        ("a query that is too long", target(&format!("/ws?{}", "x".repeat(66_000)))),
    ]
}

fn headers() -> Vec<Row> {
    vec![
        ("other cases", set("uPGRADE", &["wEbSocket"])),
        ("a folded line", with("X: a\r\n b")),
        ("spaces around a value", with("X:  \t a \t ")),
        ("an empty value", with("X:")),
        ("a space before the colon", with("X : a")),
        ("no colon", with("X")),
        ("no name", with(": a")),
        ("a NUL in the value", with("X: a\0b")),
        ("a delete in the value", with("X: a\x7fb")),
        ("a control character in the value", with("X: a\x01b")),
        ("Latin 1 in the value", with(b"X: caf\xe9")),
        ("Latin 1 in the name", with(b"X-\xe9: a")),
        ("the same name twice", with("X: a\r\nY: b\r\nx: c")),
        ("cookies", with("Cookie: a=1")),
        ("cookies in two lines", with("Cookie: a=1\r\nX: y\r\nCookie:\r\nCookie: b=2")),
        ("empty cookies", with("Cookie:\r\nCookie:")),
        ("no Host", set("Host", &[])),
        ("two Hosts", set("Host", &["localhost", "localhost"])),
        ("an empty Host", set("Host", &[""])),
        ("a Host that is none", set("Host", &["a b"])),
        ("no Connection", set("Connection", &[])),
        ("a list in Connection", set("Connection", &["keep-alive, Upgrade"])),
        ("a Connection that closes", set("Connection", &["Upgrade, close"])),
        ("a Connection that closes, and another", set("Connection", &["close", "Upgrade"])),
        ("a Connection that only closes", set("Connection", &["close"])),
        ("a Connection that keeps alive", set("Connection", &["keep-alive"])),
        (
            "a refusal of a Connection that closes",
            upgrade("/refused").set("Connection", &["Upgrade, close"]).to_bytes(),
        ),
        ("no Upgrade", set("Upgrade", &[])),
        ("a list in Upgrade", set("Upgrade", &["h2c, websocket"])),
        ("two Upgrades", set("Upgrade", &["h2c", "websocket"])),
        ("websocket twice", set("Upgrade", &["websocket", "websocket"])),
        ("an Upgrade with a version", set("Upgrade", &["websocket/13"])),
        ("another Upgrade", set("Upgrade", &["h2c"])),
        ("no key", set("Sec-WebSocket-Key", &[])),
        ("a short key", set("Sec-WebSocket-Key", &["YQ=="])),
        ("two keys", with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")),
        ("no version", set("Sec-WebSocket-Version", &[])),
        ("another version", set("Sec-WebSocket-Version", &["8"])),
        ("two versions", set("Sec-WebSocket-Version", &["13", "8"])),
        ("an extension", with("Sec-WebSocket-Extensions: permessage-deflate")),
        ("an extension that is none", with("Sec-WebSocket-Extensions: ;;")),
        ("an expectation", with("Expect: 100-continue")),
        ("an unknown expectation", with("Expect: the-unexpected")),
        ("an id", with("X-Request-Id: abc")),
        ("an id that is none", with("X-Request-Id: a b")),
        ("an id and headers", upgrade("/headed").set("X-Request-Id", &["abc"]).to_bytes()),
        ("a subprotocol", upgrade("/speaks").set("Sec-WebSocket-Protocol", &["chat.v1, chat.v2"]).to_bytes()),
        (
            "a subprotocol that is none",
            upgrade("/speaks").set("Sec-WebSocket-Protocol", &["chat v1"]).to_bytes(),
        ),
        ("an unknown subprotocol", upgrade("/speaks").set("Sec-WebSocket-Protocol", &["x"]).to_bytes()),
        ("the origin", upgrade("/strict").set("Origin", &["http://localhost"]).to_bytes()),
        ("another origin", upgrade("/strict").set("Origin", &["http://evil.example"]).to_bytes()),
        ("two origins", upgrade("/strict").set("Origin", &["http://localhost", "http://a"]).to_bytes()),
        ("the origin over TLS", upgrade("/strict").set("Origin", &["https://localhost"]).to_bytes()),
        ("27 headers beside", with(["X: a"; 27].join("\r\n"))),
        ("28 headers beside", with(["X: a"; 28].join("\r\n"))),
        ("95 headers beside", with(["X: a"; 95].join("\r\n"))),
        ("96 headers beside", with(["X: a"; 96].join("\r\n"))),
        ("a header as long as the first read", with(format!("X: {}", "a".repeat(1_900)))),
        ("a long header", with(format!("X: {}", "a".repeat(40_000)))),
        ("a header that is too long", with(format!("X: {}", "a".repeat(70_000)))),
    ]
}

fn bodies() -> Vec<Row> {
    let length = |values: &[&str]| upgrade("/ws").set("Content-Length", values);
    let coding = |values: &[&str]| upgrade("/ws").set("Transfer-Encoding", values);
    vec![
        ("an empty body", length(&["0"]).to_bytes()),
        ("an empty body twice", length(&["0", "0"]).to_bytes()),
        ("lengths that differ", length(&["0", "1"]).to_bytes()),
        ("a length that is none", length(&["x"]).to_bytes()),
        ("a body", length(&["3"]).followed_by(b"abc").to_bytes()),
        ("a body that is read", upgrade("/reads").body(b"abc").to_bytes()),
        ("no body where one is read", upgrade("/reads").to_bytes()),
        ("an empty body of chunks", coding(&["chunked"]).followed_by(b"0\r\n\r\n").to_bytes()),
        ("chunks", coding(&["chunked"]).followed_by(b"1\r\na\r\n0\r\n\r\n").to_bytes()),
        ("a coding that is none", coding(&["gzip"]).to_bytes()),
        (
            "a length and chunks",
            coding(&["chunked"]).set("Content-Length", &["0"]).followed_by(b"0\r\n\r\n").to_bytes(),
        ),
        ("a taken request", upgrade("/takes?x").to_bytes()),
    ]
}

fn behind() -> Vec<Row> {
    let page = || Request::get("/page").to_bytes();
    let ping = frame(0x89, b"ping");
    let frames = [text("early"), ping, text("and more")].concat();
    let after = |path: &str, bytes: &[u8]| upgrade(path).followed_by(bytes).to_bytes();
    vec![
        ("frames", after("/ws", &frames)),
        ("part of a frame", after("/ws", &text("behin")[..3])),
        ("the end", after("/ws", &close(1000, "bye"))),
        ("a violation", after("/ws", b"\xff\xff")),
        ("more frames than a first read", after("/ws", &text("x").repeat(1_000))),
        ("a long message", after("/ws", &text(&"x".repeat(60_000)))),
        ("a page", after("/ws", &page())),
        ("frames behind a refusal", after("/refused", &frames)),
        ("a page behind a refusal", after("/refused", &page())),
        ("pages behind a refusal", after("/refused", &page().repeat(10))),
        ("a handshake behind a refusal", after("/refused", &upgrade("/ws").to_bytes())),
        ("a refusal behind a refusal", after("/refused", &upgrade("/refused").to_bytes())),
        ("a handshake behind a page", [page(), upgrade("/ws").to_bytes()].concat()),
        ("a handshake behind an unknown path", after("/none", &upgrade("/ws").to_bytes())),
        ("a page of both", Request::get("/both").to_bytes()),
        ("a handshake of both", after("/both", b"")),
        ("a broken handshake of both", upgrade("/both").set("Upgrade", &[]).to_bytes()),
        ("another upgrade of both", Request::get("/both").set("Upgrade", &["h2c"]).to_bytes()),
    ]
}

/// Compares the answers over plain TCP and TLS.
async fn compare(rows: fn() -> Vec<Row>) {
    for transport in [Transport::Plain, Transport::Tls] {
        let mut servers = Vec::new();
        for by in By::ALL {
            servers.push((by, transport.serve(by.router()).await));
        }
        for (name, bytes) in rows() {
            let mut answers = Vec::new();
            for (by, server) in &servers {
                answers.push((by, over_tcp(server, &bytes).await));
            }
            println!("{name}: {:?}", answers[0].1.lines().next());
            for (by, answer) in &answers[1..] {
                assert_eq!(answer, &answers[0].1, "{name}, {transport:?}, {by:?}");
            }
        }
    }
}

async fn over_tcp(server: &Running, bytes: &[u8]) -> String {
    let tcp = tcp(server.addr, None).await;
    match server.transport {
        Transport::Tls => exchange(tls(tcp, b"http/1.1").await, bytes).await,
        _ => exchange(tcp, bytes).await,
    }
}

#[tokio::test]
async fn request_lines_are_answered_alike() {
    compare(lines).await;
}

#[tokio::test]
async fn targets_are_answered_alike() {
    compare(targets).await;
}

#[tokio::test]
async fn headers_are_answered_alike() {
    compare(headers).await;
}

#[tokio::test]
async fn bodies_are_answered_alike() {
    compare(bodies).await;
}

#[tokio::test]
async fn what_stands_behind_a_request_is_answered_alike() {
    compare(behind).await;
}

/// The reader of a first request shows: only hyper dates a 101.
#[tokio::test]
async fn a_101_is_dated_by_hyper_only() {
    for by in By::ALL {
        let server = Transport::Plain.serve(by.router()).await;
        let (head, _socket) = server.ask(&upgrade("/ws")).await;
        assert_eq!(head.get("date").is_none(), by == By::Server, "{by:?}");
    }
}

#[tokio::test]
async fn unix_sockets_make_no_difference() {
    let folder = TempFolder::new();
    let mut answers = Vec::new();
    for by in By::ALL {
        let path = folder.path().join(format!("{by:?}"));
        let bound = Server::unix(by.router(), &path).bind().await.unwrap();
        tokio::spawn(bound.run());
        let mut all = String::new();
        for (name, bytes) in behind() {
            all += &format!("{name}: {}", exchange(UnixStream::connect(&path).await.unwrap(), &bytes).await);
        }
        answers.push(all);
    }
    assert_eq!(answers[1], answers[0]);
    assert_eq!(answers[2], answers[0]);
}

#[tokio::test]
async fn a_proxy_header_makes_no_difference() {
    let mut answers = Vec::new();
    for by in By::ALL {
        let from = vec!["127.0.0.0/8".parse().unwrap()];
        let proxy_protocol = Some(ProxyProtocol { from, timeout: DEADLINE });
        let config = ServerConfig { proxy_protocol, ..Default::default() };
        let server = Transport::Plain.serve_with(by.router(), config).await;
        let mut all = String::new();
        for (name, bytes) in behind() {
            let bytes = [b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n", &bytes[..]].concat();
            all += &format!("{name}: {}", over_tcp(&server, &bytes).await);
        }
        answers.push(all);
    }
    assert!(answers[0].contains("192.0.2.7"), "{}", answers[0]);
    assert_eq!(answers[1], answers[0]);
    assert_eq!(answers[2], answers[0]);
}
