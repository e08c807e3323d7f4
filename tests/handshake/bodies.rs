//! Bytes around the handshake: those of a body, and those that come early.

use std::time::Duration;

use ignitia::{FromRequest, prelude::*, websocket::WebSocketConfig};

use crate::support::{End, Head, RawSocket, Request, echo, echoes, frame, over_http1, text};

/// Returns a body whose bytes are a valid frame: taken for one, it would be echoed.
fn smuggled() -> Vec<u8> {
    text("smuggled")
}

fn chunked(body: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

/// A body extractor that reads nothing of the body.
struct Ignored;

impl<S: Sync> FromRequest<S> for Ignored {
    type Rejection = std::convert::Infallible;

    async fn from_request(_: axum::extract::Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Ignored)
    }
}

#[tokio::test]
async fn an_unread_body_is_a_400_and_never_frames() {
    async fn ignores(_: Ignored, ws: WebSocketConnection) -> Result<Response> {
        echo(ws).await
    }
    over_http1(
        || echoes(WebSocketConfig::default()).websocket("/ignores", ignores),
        async |server| {
            let body = smuggled();
            let next = [&body[..], b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n"].concat();
            let upgrade = Request::upgrade("/ws");
            for (name, request) in [
                ("a body with its length", upgrade.clone().body(&body)),
                (
                    "a chunked body",
                    upgrade.clone().set("Transfer-Encoding", &["chunked"]).followed_by(&chunked(&body)),
                ),
                ("a body that has not come", upgrade.clone().set("Content-Length", &["5"])),
                ("a request behind the body", upgrade.clone().body(&body).followed_by(&next[body.len()..])),
                ("a body that its extractor leaves", Request::upgrade("/ignores").body(&body)),
            ] {
                println!("{name}");
                let (head, mut socket) = server.ask(&request).await;
                assert_eq!(head.status, 400, "{head:?}");
                assert_eq!(head.get("connection"), Some("close"), "{head:?}");
                socket.body(&head).await;
                // hyper ends TLS without a close_notify after it has refused an upgrade.
                assert_ne!(socket.end().await, End::Reset);
            }
        },
    )
    .await;
}

/// The body extractor of the handler reads the body to its end; the bytes behind it are frames.
#[tokio::test]
async fn frames_behind_a_body_that_was_read_are_received() {
    async fn greets(Json(name): Json<String>, ws: WebSocketConnection) -> Result<Response> {
        ws.send_text(format!("Hello, {name}!")).await?;
        echo(ws).await
    }
    over_http1(
        || Router::new().websocket("/greets", greets),
        async |server| {
            let request = Request::upgrade("/greets").set("Content-Type", &["application/json"]);
            let name = br#""Ada""#;
            for (name, request) in [
                ("GET", request.clone().body(name)),
                ("POST", request.clone().line("POST /greets HTTP/1.1").body(name)),
                (
                    "chunked",
                    request.clone().set("Transfer-Encoding", &["chunked"]).followed_by(&chunked(name)),
                ),
            ] {
                println!("{name}");
                let (head, mut socket) = server.ask(&request.followed_by(&text("early"))).await;
                assert_eq!(head.status, 101, "{head:?}");
                socket.expect_text("Hello, Ada!").await;
                socket.expect_text("early").await;
            }
        },
    )
    .await;
}

/// Sends the same bytes in two pieces, split at every place behind the head, and byte by byte. The
/// answer is always the same.
async fn however_cut(request: Request, test: impl AsyncFn(Head, RawSocket)) {
    over_http1(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let bytes = request.to_bytes();
            let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            for cut in head..=bytes.len() {
                let mut socket = server.connect().await;
                socket.send(&bytes[..cut]).await;
                // The server runs on this thread: it has read the first piece before the second is
                // sent.
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                // The server may have answered and closed.
                let _ = socket.try_send(&bytes[cut..]).await;
                test(socket.head().await, socket).await;
            }
            let mut socket = server.connect().await;
            socket.trickle(&bytes).await;
            test(socket.head().await, socket).await;
        },
    )
    .await;
}

#[tokio::test]
async fn an_empty_chunked_body_is_accepted_wherever_tcp_splits_it() {
    let upgrade = Request::upgrade("/ws").set("Transfer-Encoding", &["chunked"]);
    for body in ["0\r\n\r\n", "00;x=y\r\n\r\n", "0\r\nX-Trailer: a\r\n\r\n"] {
        let request = upgrade.clone().followed_by(&[body.as_bytes(), &text("early")].concat());
        however_cut(request, async |head, mut socket| {
            assert_eq!(head.status, 101, "{body:?}: {head:?}");
            socket.expect_text("early").await;
        })
        .await;
    }
}

#[tokio::test]
async fn an_unread_body_is_a_400_wherever_tcp_splits_it() {
    let upgrade = Request::upgrade("/ws");
    let coded = upgrade.clone().set("Transfer-Encoding", &["chunked"]);
    for request in [
        coded.clone().followed_by(&chunked(&smuggled())),
        coded.clone().followed_by(&[&b"0\r\nbroken\r\n\r\n"[..], &smuggled()].concat()),
        coded.followed_by(&[&b"0\n\n"[..], &smuggled()].concat()),
        upgrade.body(&smuggled()),
    ] {
        however_cut(request, async |head, mut socket| {
            assert_eq!(head.status, 400, "{head:?}");
            socket.body(&head).await;
            socket.end().await;
        })
        .await;
    }
}

/// The server waits for the end of an unread body as long as for extractors.
#[tokio::test]
async fn a_body_without_end_is_a_503_after_the_handshake_timeout() {
    let config = WebSocketConfig::default().handshake_timeout(Duration::from_millis(100));
    over_http1(
        || echoes(config.clone()),
        async |server| {
            let request = Request::upgrade("/ws").set("Transfer-Encoding", &["chunked"]);
            for begun in ["", "0", "0\r\n", "0\r\nX-Trailer: a\r\n"] {
                let (head, mut socket) = server.ask(&request.clone().followed_by(begun.as_bytes())).await;
                assert_eq!(head.status, 503, "{begun:?}: {head:?}");
                assert_eq!(socket.body(&head).await, "the handshake took too long");
                assert_ne!(socket.end().await, End::Reset);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_body_larger_than_max_body_is_a_413() {
    async fn swallows(_: String, ws: WebSocketConnection) -> Result<Response> {
        echo(ws).await
    }
    let config = WebSocketConfig::default().max_body(1_000);
    over_http1(
        || Router::new().websocket_with("/ws", swallows, config.clone()),
        async |server| {
            let (head, mut socket) = server.ask(&Request::upgrade("/ws").body(&[b'x'; 1_000])).await;
            assert_eq!(head.status, 101, "{head:?}");
            socket.send(&text("hi")).await;
            socket.expect_text("hi").await;
            let (head, _socket) = server.ask(&Request::upgrade("/ws").body(&[b'x'; 1_001])).await;
            assert_eq!(head.status, 413, "{head:?}");
        },
    )
    .await;
}

#[tokio::test]
async fn bytes_that_arrive_with_the_handshake_are_received() {
    over_http1(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let whole = text("early");
            let large = frame(0x82, &vec![7; 100_000]);
            let cases: [(&str, Vec<u8>, Vec<u8>); 4] = [
                ("a frame", whole.clone(), Vec::new()),
                ("half a header", whole[..1].to_vec(), whole[1..].to_vec()),
                ("half a frame", whole[..8].to_vec(), whole[8..].to_vec()),
                ("two frames and a half", [&large[..], &whole, &whole[..8]].concat(), whole[8..].to_vec()),
            ];
            for (name, early, late) in cases {
                println!("{name}");
                let (head, mut socket) = server.ask(&Request::upgrade("/ws").followed_by(&early)).await;
                assert_eq!(head.status, 101);
                socket.send(&late).await;
                if early.len() > large.len() {
                    assert_eq!(socket.frame().await.payload.len(), 100_000);
                    socket.expect_text("early").await;
                }
                socket.expect_text("early").await;
            }
        },
    )
    .await;
}
