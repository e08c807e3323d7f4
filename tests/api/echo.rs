//! The first program of every guide.

use ignitia::prelude::*;

use crate::support::{self, Running, client};

async fn echo(mut ws: WebSocketConnection) -> impl IntoResponse {
    while let Some(message) = ws.recv().await {
        match message {
            Message::Text(text) => {
                ws.send_text(format!("Echo: {text}")).await.ok();
            }
            Message::Binary(data) => {
                ws.send_binary(data).await.ok();
            }
            Message::Close(_) => break,
            _ => {}
        }
    }
    Response::ok()
}

#[tokio::test]
async fn text_and_binary_come_back_in_order() {
    let mut socket = client(Router::new().websocket("/echo", echo)).connect("/echo").await;
    socket.send_text("one").await;
    socket.send_binary(&b"two"[..]).await;
    socket.send_text("").await;
    socket.send_text("grüße \u{1f980}").await;
    assert_eq!(socket.recv_text().await, "Echo: one");
    assert_eq!(socket.recv_binary().await, "two");
    assert_eq!(socket.recv_text().await, "Echo: ");
    assert_eq!(socket.recv_text().await, "Echo: grüße \u{1f980}");
}

#[tokio::test]
async fn a_message_of_a_megabyte_comes_back_whole() {
    let mut socket = client(Router::new().websocket("/echo", echo)).connect("/echo").await;
    let megabyte: Vec<u8> = (0..1 << 20).map(|n: u32| n.to_le_bytes()[n as usize % 3]).collect();
    socket.send_binary(megabyte.clone()).await;
    assert!(socket.recv_binary().await == megabyte);
}

#[tokio::test]
async fn the_close_of_the_peer_is_answered_with_its_own_code() {
    let client = client(Router::new().websocket("/echo", echo));
    for code in [1000, 1001, 4321] {
        let mut socket = client.connect("/echo").await;
        socket.close(code, "bye").await;
        socket.expect_close(code).await;
        socket.expect_end().await;
    }
}

#[tokio::test]
async fn the_echo_works_on_a_real_port_too() {
    let server = Running::with_defaults(Router::new().websocket("/echo", echo)).await;
    let mut peer = server.open("/echo").await;
    peer.send(&support::text("hello")).await;
    peer.expect_text("Echo: hello").await;
    peer.send(&support::close(1000, "")).await;
    peer.expect_close(1000).await;
    peer.end().await;
    drop(peer);
    server.report().await;
}

/// The program of the guide, up to the call that never returns.
#[tokio::test]
async fn the_program_of_the_guide_runs() -> Result<()> {
    let router = Router::new().websocket("/echo", |mut ws: WebSocketConnection| async move {
        while let Some(message) = ws.recv().await {
            match message {
                Message::Text(text) => {
                    ws.send_text(format!("Echo: {}", text)).await.ok();
                }
                Message::Binary(data) => {
                    ws.send_binary(data).await.ok();
                }
                Message::Close(_) => break,
                _ => {}
            }
        }
        Response::ok()
    });
    let server = Server::new(router, "127.0.0.1:0".parse()?).with_graceful_shutdown(std::future::ready(()));
    server.ignitia().await
}
