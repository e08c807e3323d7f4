//! The longest timeouts that can be configured.

use std::time::Duration;

use ignitia::{
    DrainConfig, Server, ServerConfig, Shutdown, prelude::*, testing::TestClient, websocket::WebSocketConfig,
};

use crate::support::{RawSocket, echo, loopback, tcp, text, within};

#[tokio::test]
async fn a_server_may_wait_for_a_head_without_a_deadline() {
    let config = ServerConfig {
        header_read_timeout: Duration::MAX,
        keep_alive_timeout: Duration::MAX,
        ..Default::default()
    };
    let server = Server::new(Router::new().websocket("/", echo), loopback()).with_server_config(config);
    let bound = server.bind().await.unwrap();
    let (addr, shutdown) = (bound.local_addr(), bound.shutdown());
    let server = tokio::spawn(bound.run());
    let mut socket = RawSocket::from(tcp(addr, None).await);
    socket.upgrade("/").await;
    socket.send(&text("hello")).await;
    socket.expect_text("hello").await;
    shutdown.abort();
    assert_eq!(within("the end of the server", server).await.unwrap().unwrap().aborted, 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_may_have_no_deadline_at_all() {
    const EVER: Duration = Duration::MAX;
    let config = WebSocketConfig::default()
        .handshake_timeout(EVER)
        .decision_window(EVER)
        .keepalive_interval(EVER)
        .pong_timeout(EVER)
        .idle_timeout(EVER)
        .close_timeout(EVER)
        .linger(EVER)
        .write_stall(EVER);
    let drain = DrainConfig::default().timeout(EVER).jitter(Duration::ZERO).retry_after(EVER);
    let router = Router::new()
        .websocket("/", echo)
        .websocket("/large", |ws: WebSocketConnection| async move {
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            Response::ok()
        })
        .websocket_config(config);
    let client = TestClient::new(router.shutdown(Shutdown::with_config(drain))).unwrap();
    let mut socket = client.connect("/").await;
    let mut stalled = client.connect("/large").await;
    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "hello");
    // The handler returned a day ago.
    assert_eq!(stalled.recv_binary().await.len(), 1 << 20);
    stalled.expect_close(1000).await;
    drop(stalled);
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    socket.expect_close(1001).await;
    socket.expect_end().await;
    drop(socket);
    assert_eq!(drain.await.unwrap().clean, 1);
}
