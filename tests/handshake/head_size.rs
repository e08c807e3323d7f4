//! Size of the head of a request, over both versions of HTTP: 64 KiB and a hundred lines by
//! default.

use ignitia::prelude::*;

use crate::support::{Bystander, Request, Running, Transport, echo, loopback, text};

const LINE: &str = "GET /ws HTTP/1.1\r\n";

async fn serve(config: ServerConfig) -> Running {
    let router = Router::new().websocket("/ws", echo).get("/page", || async { "a page" });
    Running::of(Server::new(router, loopback()).with_server_config(config)).await
}

/// Returns a valid handshake whose head has exactly this size.
fn sized(bytes: usize) -> Request {
    let request = Request::upgrade("/ws");
    let rest = request.clone().set("X-Fill", &[""]).to_bytes().len();
    request.set("X-Fill", &[&"x".repeat(bytes - rest)])
}

/// Sends a request in pieces of this size, and returns the status of the answer.
async fn answer(server: &Running, bytes: &[u8], piece: usize) -> u16 {
    let mut socket = server.connect().await;
    for piece in bytes.chunks(piece) {
        // Once the server has answered, it reads no more.
        if socket.try_send(piece).await.is_err() {
            break;
        }
        tokio::task::yield_now().await;
    }
    let head = socket.head().await;
    if head.status == 101 {
        socket.send(&text("served")).await;
        socket.expect_text("served").await;
    } else {
        assert_eq!(head.get("connection"), Some("close"), "{head:?}");
        socket.drain().await;
    }
    head.status
}

#[tokio::test]
async fn one_byte_too_many_is_a_431_however_tcp_cuts_it() {
    let own = ServerConfig { max_head_bytes: 16 << 10, ..Default::default() };
    let least = ServerConfig { max_head_bytes: 1, ..Default::default() };
    for (config, most) in [(ServerConfig::default(), 64 << 10), (own, 16 << 10), (least, 8 << 10)] {
        let server = serve(config).await;
        let mut bystander = Bystander::of(&server).await;
        for piece in [usize::MAX, 1_000, 5_000, 30_000] {
            for (bytes, status) in [(most, 101), (most + 1, 431), (2 * most, 431), (10 * most, 431)] {
                let found = answer(&server, &sized(bytes).to_bytes(), piece).await;
                assert_eq!(found, status, "{bytes} of {most} bytes in pieces of {piece}");
            }
        }
        bystander.is_served().await;
    }
}

#[tokio::test]
async fn one_line_too_many_is_a_431() {
    for (max_headers, config) in [
        (100, ServerConfig::default()),
        (20, ServerConfig { max_headers: 20, ..Default::default() }),
        (500, ServerConfig { max_headers: 500, ..Default::default() }),
    ] {
        let server = serve(config).await;
        let good = Request::upgrade("/ws");
        let has = good.to_bytes().split(|byte| *byte == b'\n').count() - LINE.lines().count() - 2;
        for (lines, status) in [(max_headers, 101), (max_headers + 1, 431)] {
            let request = good.clone().set("X-Line", &vec!["x"; lines - has]);
            assert_eq!(answer(&server, &request.to_bytes(), usize::MAX).await, status, "{lines} lines");
            let over_http2 = request.clone().set("X-Line", &vec!["x"; lines - 1]);
            let head = server.connect_http2().await.ask(&over_http2).await;
            assert_eq!(head.status, status, "{lines} lines over HTTP/2");
        }
    }
}

/// A browser has up to 180 cookies for a host, and over HTTP/2 it sends each in a field of its own.
#[tokio::test]
async fn cookies_count_as_one_line_over_http2() {
    let cookies: Vec<String> = (0..180).map(|n| format!("cookie{n}=value")).collect();
    let lines: Vec<&str> = cookies.iter().map(String::as_str).collect();
    let router = Router::new().websocket("/ws", |cookies: Cookies, ws: WebSocketConnection| async move {
        ws.send_json(&(cookies.iter().count(), cookies.get("cookie179"))).await?;
        Ok::<_, Error>(Response::ok())
    });
    let server = Transport::Http2.serve(router).await;
    let (head, mut socket) = server.ask(&Request::upgrade("/ws").set("Cookie", &lines)).await;
    assert_eq!(head.status, 101);
    socket.expect_text(r#"[180,"value"]"#).await;
}

/// Single sign-on makes tokens of this size.
#[tokio::test]
async fn a_token_of_40_kib_is_taken_over_both() {
    let router = || {
        Router::new().websocket("/ws", |headers: Headers, ws: WebSocketConnection| async move {
            ws.send_json(&headers["authorization"].len()).await?;
            Ok::<_, Error>(Response::ok())
        })
    };
    let token = "x".repeat(40 << 10);
    crate::support::everywhere(router, async |server| {
        let (head, mut socket) = server.ask(&Request::upgrade("/ws").set("Authorization", &[&token])).await;
        assert_eq!(head.status, 101);
        socket.expect_text("40960").await;
    })
    .await;
}
