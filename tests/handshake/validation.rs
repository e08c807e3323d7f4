//! Validation of the opening handshake: refusals with their status, and unusual requests that are
//! accepted.

use ignitia::{
    prelude::*,
    websocket::{Origin, WebSocketConfig},
};

use crate::support::{End, Head, KEY, Log, Request, Transport, close, echo, everywhere, over_http1, text};

/// Name of a case, its request, the status of its answer, and headers of the answer; an empty value
/// stands for a missing header.
type Row = (&'static str, Request, u16, &'static [(&'static str, &'static str)]);

const UPGRADE_REQUIRED: &[(&str, &str)] =
    &[("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-accept", "")];
/// RFC 9110, section 15.5.22: a 426 names what to upgrade to.
const VERSION_13: &[(&str, &str)] = &[
    ("sec-websocket-version", "13"),
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-accept", ""),
];
const NO_ANSWER: &[(&str, &str)] = &[("sec-websocket-accept", ""), ("upgrade", "")];

fn router() -> Router {
    let speaks = WebSocketConfig::default().subprotocols(["chat.v2", "chat.v1"]);
    let open = WebSocketConfig::default().origin(Origin::Any);
    Router::new()
        .websocket("/ws", echo)
        .websocket_with("/speaks", echo, speaks)
        .websocket_with("/open", echo, open)
        .get("/page", || async { "a page" })
}

fn set(name: &str, values: &[&str]) -> Request {
    Request::upgrade("/ws").set(name, values)
}

fn says(head: &Head, status: u16, headers: &[(&str, &str)]) {
    assert_eq!(head.status, status, "{head:?}");
    for (name, value) in headers {
        let expected = (!value.is_empty()).then_some(*value);
        assert_eq!(head.get(name).map(str::to_ascii_lowercase).as_deref(), expected, "{name}: {head:?}");
    }
}

fn not_upgrades() -> Vec<Row> {
    vec![
        ("a plain GET", Request::get("/ws"), 426, UPGRADE_REQUIRED),
        (
            "a plain GET with a key",
            Request::get("/ws").set("Sec-WebSocket-Key", &[KEY]),
            426,
            UPGRADE_REQUIRED,
        ),
        ("Connection: notupgrade", set("Connection", &["notupgrade"]), 426, UPGRADE_REQUIRED),
        (
            "Connection: upgrade2, not-upgrade",
            set("Connection", &["upgrade2, not-upgrade"]),
            426,
            UPGRADE_REQUIRED,
        ),
        ("Connection: keep-alive", set("Connection", &["keep-alive"]), 426, UPGRADE_REQUIRED),
        ("no Connection", set("Connection", &[]), 426, UPGRADE_REQUIRED),
        ("no Upgrade", set("Upgrade", &[]), 426, UPGRADE_REQUIRED),
        ("Upgrade: websocket2", set("Upgrade", &["websocket2"]), 426, UPGRADE_REQUIRED),
        ("Upgrade: h2c", set("Upgrade", &["h2c"]), 426, UPGRADE_REQUIRED),
        ("HTTP/1.0", Request::upgrade("/ws").line("GET /ws HTTP/1.0"), 426, &[("upgrade", "websocket")]),
        (
            "a page over HTTP/1.0",
            Request::get("/ws").line("GET /ws HTTP/1.0"),
            426,
            &[("upgrade", "websocket")],
        ),
    ]
}

fn versions_and_keys() -> Vec<Row> {
    const VERSION: &str = "Sec-WebSocket-Version";
    const NAME: &str = "Sec-WebSocket-Key";
    vec![
        ("version 8", set(VERSION, &["8"]), 426, VERSION_13),
        ("version 0", set(VERSION, &["0"]), 426, VERSION_13),
        ("version 14", set(VERSION, &["14"]), 426, VERSION_13),
        ("version 013", set(VERSION, &["013"]), 426, VERSION_13),
        ("no version", set(VERSION, &[]), 426, VERSION_13),
        ("an empty version", set(VERSION, &[""]), 426, VERSION_13),
        ("two versions in a line", set(VERSION, &["13, 8"]), 426, VERSION_13),
        ("version 13 twice", set(VERSION, &["13", "13"]), 426, VERSION_13),
        ("no key", set(NAME, &[]), 400, NO_ANSWER),
        ("an empty key", set(NAME, &[""]), 400, NO_ANSWER),
        ("two keys", set(NAME, &[KEY, KEY]), 400, NO_ANSWER),
        ("a key of 15 bytes", set(NAME, &["AAAAAAAAAAAAAAAAAAAA"]), 400, NO_ANSWER),
        ("a key of 17 bytes", set(NAME, &["AAAAAAAAAAAAAAAAAAAAAAA="]), 400, NO_ANSWER),
        ("a key without padding", set(NAME, &["dGhlIHNhbXBsZSBub25jZQ"]), 400, NO_ANSWER),
        ("a key that is not base64", set(NAME, &["!!!!!!!!!!!!!!!!!!!!!!=="]), 400, NO_ANSWER),
        ("a key of the URL's base64", set(NAME, &["_-hlIHNhbXBsZSBub25jZQ=="]), 400, NO_ANSWER),
    ]
}

fn hosts_and_origins() -> Vec<Row> {
    const FOREIGN: &[(&str, &str)] = NO_ANSWER;
    vec![
        ("no Host", set("Host", &[]), 400, NO_ANSWER),
        ("two Hosts", set("Host", &["localhost", "evil.example"]), 400, NO_ANSWER),
        ("the same Host twice", set("Host", &["localhost", "localhost"]), 400, NO_ANSWER),
        ("an empty Host", set("Host", &[""]), 400, NO_ANSWER),
        ("a Host that is none", set("Host", &["local host"]), 400, NO_ANSWER),
        ("a Host with a user", set("Host", &["me@localhost"]), 400, NO_ANSWER),
        ("a foreign origin", set("Origin", &["https://evil.example"]), 403, FOREIGN),
        ("an origin that begins like ours", set("Origin", &["https://localhost.evil.example"]), 403, FOREIGN),
        ("an origin that ends like ours", set("Origin", &["https://evil-localhost"]), 403, FOREIGN),
        ("an origin with a user like us", set("Origin", &["https://localhost@evil.example"]), 403, FOREIGN),
        ("the null origin", set("Origin", &["null"]), 403, FOREIGN),
        ("an empty origin", set("Origin", &[""]), 403, FOREIGN),
        ("a file", set("Origin", &["file://"]), 403, FOREIGN),
        ("an origin that is none", set("Origin", &["localhost"]), 403, FOREIGN),
        ("two origins", set("Origin", &["https://localhost", "https://evil.example"]), 403, FOREIGN),
        ("two origins in a line", set("Origin", &["https://localhost, https://evil.example"]), 403, FOREIGN),
    ]
}

fn methods_and_offers() -> Vec<Row> {
    let line = |line: &str| Request::upgrade("/ws").line(line);
    vec![
        ("HEAD", line("HEAD /ws HTTP/1.1"), 405, NO_ANSWER),
        ("POST", line("POST /ws HTTP/1.1"), 405, NO_ANSWER),
        ("PUT", line("PUT /ws HTTP/1.1"), 405, NO_ANSWER),
        ("OPTIONS", line("OPTIONS /ws HTTP/1.1"), 405, NO_ANSWER),
        ("CONNECT", line("CONNECT localhost:80 HTTP/1.1"), 404, NO_ANSWER),
        ("a method of one's own", line("BREW /ws HTTP/1.1"), 405, NO_ANSWER),
        ("another path", Request::upgrade("/nowhere"), 404, NO_ANSWER),
        ("a page", Request::upgrade("/page"), 200, NO_ANSWER),
        ("an offer that is no token", set("Sec-WebSocket-Protocol", &["a b"]), 400, NO_ANSWER),
        ("an offer given twice", set("Sec-WebSocket-Protocol", &["a, a"]), 400, NO_ANSWER),
        (
            "an offer given twice with nothing between",
            set("Sec-WebSocket-Protocol", &["a,,a"]),
            400,
            NO_ANSWER,
        ),
    ]
}

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// Lists that RFC 6455, section 9.1, does not allow.
const NO_EXTENSIONS: [&str; 12] = [
    "x;",
    ";",
    ";y",
    "x; y=",
    "x; =1",
    "x; y==1",
    "x y",
    "x=1",
    "x; y=\"1",
    "x; y=\"1 0\"",
    "x; y=\"1,0\"",
    "permessage-deflate; client_max_window_bits, (x)",
];

async fn refuses(rows: fn() -> Vec<Row>) {
    over_http1(router, async |server| {
        for (name, request, status, headers) in rows() {
            println!("{name}");
            let (head, _socket) = server.ask(&request).await;
            says(&head, status, headers);
        }
    })
    .await;
}

/// Over every transport, also HTTP/2.
#[tokio::test]
async fn broken_extensions_are_a_400() {
    everywhere(router, async |server| {
        for offer in NO_EXTENSIONS {
            println!("{offer}");
            let (head, mut socket) = server.ask(&set(EXTENSIONS, &["x", offer])).await;
            says(&head, 400, NO_ANSWER);
            assert_eq!(socket.body(&head).await, "Sec-WebSocket-Extensions must be a list of extensions");
        }
    })
    .await;
}

#[tokio::test]
async fn refusals_name_their_cause() {
    over_http1(router, async |server| {
        for (name, request, cause) in [
            ("HTTP/1.0", Request::upgrade("/ws").line("GET /ws HTTP/1.0"), "HTTP/1.0"),
            ("no key", set("Sec-WebSocket-Key", &[]), "a proxy that translates from HTTP/2 must add one"),
            ("two keys", set("Sec-WebSocket-Key", &[KEY, KEY]), "16 bytes in base64, once"),
        ] {
            let (head, mut socket) = server.ask(&request).await;
            let body = socket.body(&head).await;
            assert!(body.contains(cause), "{name}: {body}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_no_upgrade_is_a_426() {
    refuses(not_upgrades).await;
}

#[tokio::test]
async fn another_version_is_a_426_and_a_bad_key_a_400() {
    refuses(versions_and_keys).await;
}

#[tokio::test]
async fn a_bad_host_is_a_400_and_a_foreign_origin_a_403() {
    refuses(hosts_and_origins).await;
}

#[tokio::test]
async fn another_method_is_a_405_and_a_broken_offer_a_400() {
    refuses(methods_and_offers).await;
}

/// RFC 9110, section 15.5.6: a 405 says what is allowed.
#[tokio::test]
async fn a_405_says_what_is_allowed() {
    over_http1(router, async |server| {
        for method in ["HEAD", "POST", "PUT"] {
            let (head, _socket) =
                server.ask(&Request::upgrade("/ws").line(&format!("{method} /ws HTTP/1.1"))).await;
            let allow = head.get("allow").unwrap_or_default();
            assert!(allow.split(',').any(|method| method.trim() == "GET"), "{method}: {head:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn valid_but_unusual_requests_are_accepted() {
    over_http1(router, async |server| {
        let port = server.addr.port();
        for (name, request) in [
            ("split Connection lines", set("Connection", &["keep-alive", "Upgrade"])),
            ("a list of connection options", set("Connection", &["keep-alive ,\tUPGRADE"])),
            ("another case", set("Upgrade", &["WebSocket"])),
            ("split Upgrade lines", set("Upgrade", &["h2c", "websocket"])),
            ("a Host with a port", set("Host", &[&format!("localhost:{port}")])),
            ("a Host in brackets", set("Host", &["[::1]:80"])),
            ("an absolute target", set("Host", &["other"]).line("GET http://localhost/ws HTTP/1.1")),
            ("the same host, another port", set("Origin", &["https://LOCALHOST:5173"])),
            ("no body, said so", set("Content-Length", &["0"])),
            ("any origin where all may", Request::upgrade("/open").set("Origin", &["null"])),
            ("an extension", set(EXTENSIONS, &["permessage-deflate; client_max_window_bits"])),
            ("extensions in every form", set(EXTENSIONS, &["", "x;y=\"10\" , ,z ; a = b;c", ","])),
            ("no subprotocol, said so", set("Sec-WebSocket-Protocol", &[""])),
            ("no subprotocol, said so often", set("Sec-WebSocket-Protocol", &["", ",", " , "])),
            ("a query", Request::upgrade("/ws?a=b&c")),
        ] {
            println!("{name}");
            let (head, mut socket) = server.ask(&request).await;
            says(
                &head,
                101,
                &[
                    ("connection", "upgrade"),
                    ("upgrade", "websocket"),
                    ("sec-websocket-extensions", ""),
                    ("sec-websocket-protocol", ""),
                    ("content-length", ""),
                    ("transfer-encoding", ""),
                ],
            );
            assert_eq!(head.get("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
            socket.send(&[text("hi"), close(1000, "")].concat()).await;
            socket.expect_text("hi").await;
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}

/// `close` is about the answer to a request, and a 101 is not the final one (RFC 9112, section
/// 9.6). Clients that look for exactly `upgrade` take it for a refusal. The final answers have it.
#[tokio::test]
async fn a_101_does_not_say_that_the_connection_closes() {
    over_http1(router, async |server| {
        if server.transport == Transport::Axum {
            return; // hyper's own word goes out there.
        }
        for lines in [&["upgrade, close"][..], &["Close", "Upgrade"], &["Upgrade", "keep-alive, close"]] {
            for one_by_one in [false, true] {
                println!("{lines:?}, one by one: {one_by_one}");
                let mut socket = server.connect().await;
                let request = set("Connection", lines).followed_by(&text("early"));
                if one_by_one {
                    socket.trickle(&request.to_bytes()).await;
                } else {
                    socket.request(&request).await;
                }
                let head = socket.head().await;
                says(&head, 101, &[("connection", "upgrade"), ("upgrade", "websocket")]);
                socket.expect_text("early").await;
                let looks_like_one = "HTTP/1.1 101 \r\nconnection: upgrade, close\r\n";
                socket.send(&[text(looks_like_one), close(1000, "")].concat()).await;
                socket.expect_text(looks_like_one).await;
                socket.expect_close(1000).await;
                assert_eq!(socket.end().await, End::Eof);
            }
            let (head, mut socket) = server.ask(&set("Connection", lines).set("Origin", &["null"])).await;
            assert_eq!(head.status, 403);
            assert_eq!(head.get("connection"), Some("close"), "{lines:?}");
            socket.body(&head).await;
            assert_ne!(socket.end().await, End::Reset);
        }
    })
    .await;
}

/// The example key of RFC 6455, section 4.1, has padding bits set. The answer is computed from the
/// key as it was sent.
#[tokio::test]
async fn the_key_of_the_rfc_is_accepted() {
    over_http1(router, async |server| {
        let (head, _socket) = server.ask(&set("Sec-WebSocket-Key", &["AQIDBAUGBwgJCgsMDQ4PEC=="])).await;
        says(&head, 101, &[("sec-websocket-accept", "ofs0wdat5noxf2gqm7zj2ytetzm=")]);
    })
    .await;
}

#[tokio::test]
async fn only_a_subprotocol_of_the_server_is_selected() {
    everywhere(router, async |server| {
        for (path, offered, selected) in [
            ("/ws", &["chat.v1"][..], None),
            ("/ws", &["chat.v1, chat.v2"], None),
            ("/speaks", &[], None),
            ("/speaks", &["other"], None),
            ("/speaks", &["CHAT.V1"], None),
            ("/speaks", &["other, chat.v1"], Some("chat.v1")),
            ("/speaks", &["chat.v1, chat.v2"], Some("chat.v2")),
            ("/speaks", &["chat.v1", "chat.v2"], Some("chat.v2")),
            ("/speaks", &[""], None),
            ("/speaks", &["", "chat.v1", ","], Some("chat.v1")),
            ("/speaks", &[",other,, chat.v1 ,"], Some("chat.v1")),
        ] {
            let request = Request::upgrade(path).set("Sec-WebSocket-Protocol", offered);
            let (head, _socket) = server.ask(&request).await;
            assert_eq!(head.status, 101);
            assert_eq!(head.get("sec-websocket-protocol"), selected, "{path} {offered:?}");
        }
    })
    .await;
}

/// Browsers end such a connection with 1006, which gives no cause; the log does. Offered names may
/// be tokens, so the log does not contain them.
#[tokio::test]
async fn the_log_says_that_no_subprotocol_was_selected() {
    let (log, _guard) = Log::begin();
    everywhere(router, async |server| {
        let offer = |path, names| Request::upgrade(path).set("Sec-WebSocket-Protocol", &[names]);
        let lines = || log.text().matches("no subprotocol selected").count();
        let before = lines();
        for (request, logged) in [
            (offer("/speaks", "chat.v1"), 0),
            (offer("/speaks", ""), 0),
            (Request::upgrade("/speaks"), 0),
            (offer("/speaks", "secret, other"), 1),
            (offer("/ws", "secret"), 2),
        ] {
            assert_eq!(server.ask(&request).await.0.status, 101);
            assert_eq!(lines() - before, logged, "{request:?}: {}", log.text());
        }
    })
    .await;
    assert!(!log.text().contains("secret"));
    let line = log.line("no subprotocol selected").await;
    assert!(line.contains("1006") && line.contains(r#"["chat.v2", "chat.v1"]"#), "{line}");
}

/// A connection that stays open after a refusal serves further requests.
#[tokio::test]
async fn a_refusal_leaves_the_connection_usable() {
    over_http1(router, async |server| {
        let (head, mut socket) = server.ask(&set("Sec-WebSocket-Version", &["8"])).await;
        assert!(!socket.body(&head).await.is_empty());
        let head = socket.ask(&Request::get("/page")).await;
        assert_eq!((head.status, socket.body(&head).await), (200, "a page".to_owned()));
        socket.upgrade("/ws").await;
        socket.send(&text("hi")).await;
        socket.expect_text("hi").await;
    })
    .await;
}
