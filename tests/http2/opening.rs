//! The extended CONNECT and its answers.

use ignitia::{prelude::*, websocket::WebSocketConfig};

use super::{echo, open_beside};
use crate::support::{self, Head, KEY, Request, Transport, everywhere, text};

async fn ask(request: &Request) -> (Head, String) {
    let config = WebSocketConfig::default().subprotocols(["chat"]);
    let router = Router::new()
        .websocket_config(config)
        .websocket("/ws", |_: WebSocketConnection| async { Response::ok() })
        .websocket("/no", |_: WebSocketConnection| async { Response::unauthorized("who are you?") });
    let server = Transport::Http2.serve(router).await;
    let (head, mut socket) = server.ask(request).await;
    let body = if head.status == 101 { String::new() } else { socket.body(&head).await };
    (head, body)
}

#[tokio::test]
async fn the_answer_has_no_key_and_no_upgrade() {
    let (head, _) = ask(&Request::upgrade("/ws").set("Sec-WebSocket-Protocol", &["chat"])).await;
    assert_eq!(head.status, 101);
    assert_eq!(head.get("sec-websocket-protocol"), Some("chat"));
    for of_http1 in ["connection", "upgrade", "sec-websocket-accept", "content-length"] {
        assert_eq!(head.get(of_http1), None, "{of_http1}");
    }
}

#[tokio::test]
async fn refusals_have_their_status() {
    let upgrade = Request::upgrade("/ws");
    for (name, request, status) in [
        ("a plain GET", Request::get("/ws"), 400),
        ("no version", upgrade.clone().set("Sec-WebSocket-Version", &[]), 400),
        ("another version", upgrade.clone().set("Sec-WebSocket-Version", &["8"]), 400),
        ("a tunnel", upgrade.clone().set("Upgrade", &["connect-udp"]), 501),
        ("a foreign origin", upgrade.clone().set("Origin", &["https://evil.example"]), 403),
        ("a repeated subprotocol", upgrade.clone().set("Sec-WebSocket-Protocol", &["a, a"]), 400),
        ("the handler's no", Request::upgrade("/no"), 401),
        ("no such path", Request::upgrade("/nowhere"), 404),
    ] {
        println!("{name}");
        let (head, body) = ask(&request).await;
        assert_eq!(head.status, status, "{head:?}");
        assert_eq!(body.is_empty(), status == 404, "{body}");
        assert_eq!((head.get("connection"), head.get("upgrade")), (None, None));
        let told = head.get("sec-websocket-version");
        assert_eq!(told, name.ends_with("version").then_some("13"));
    }
}

/// HTTP/2 has no key. A proxy that forwards the key of an HTTP/1.1 client needs the answer to it
/// for that client.
#[tokio::test]
async fn a_forwarded_key_is_answered() {
    let upgrade = Request::upgrade("/ws").with_key_over_http2();
    let (head, _) = ask(&upgrade).await;
    assert_eq!((head.status, head.get("sec-websocket-accept")), (101, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
    let (head, _) = ask(&upgrade.clone().set("Sec-WebSocket-Key", &[])).await;
    assert_eq!((head.status, head.get("sec-websocket-accept")), (101, None));
}

/// The HTTP/1.1 client would accept no other answer.
#[tokio::test]
async fn a_forwarded_key_that_is_malformed_is_refused() {
    let upgrade = Request::upgrade("/ws").with_key_over_http2();
    for keys in [&[KEY, KEY][..], &["AAAA"], &[""], &["dGhlIHNhbXBsZSBub25jZQ"]] {
        let (head, body) = ask(&upgrade.clone().set("Sec-WebSocket-Key", keys)).await;
        assert_eq!((head.status, head.get("sec-websocket-accept")), (400, None), "{keys:?}");
        assert_eq!(body, "Sec-WebSocket-Key must be 16 bytes in base64, once", "{keys:?}");
    }
}

#[tokio::test]
async fn frames_may_come_before_the_answer() {
    let (server, _causes) = echo(WebSocketConfig::default()).await;
    let mut socket = server.connect().await;
    socket.request(&Request::upgrade("/ws")).await;
    socket.send(&text("early")).await;
    assert_eq!(socket.head().await.status, 101);
    socket.expect_text("early").await;
}

/// Over TLS, and in axum's own server.
#[tokio::test]
async fn a_websocket_opens_over_tls_and_in_axums_server_too() {
    let router = || Router::new().websocket("/ws", support::echo);
    everywhere(router, async |server| {
        let mut socket = server.connect_http2().await;
        socket.upgrade("/ws").await;
        let mut sibling = socket.sibling();
        sibling.upgrade("/ws").await;
        for socket in [&mut socket, &mut sibling] {
            socket.send(&text("hi")).await;
            socket.expect_text("hi").await;
        }
    })
    .await;
}

#[tokio::test]
async fn pages_and_websockets_share_a_connection() {
    let (server, _causes) = echo(WebSocketConfig::default()).await;
    let mut first = server.open("/ws").await;
    let mut second = open_beside(&first).await;
    let mut page = first.sibling();
    let head = page.ask(&Request::get("/page")).await;
    assert_eq!(page.body(&head).await, "a page");
    for (socket, line) in [(&mut second, "second"), (&mut first, "first")] {
        socket.send(&text(line)).await;
        socket.expect_text(line).await;
    }
}
