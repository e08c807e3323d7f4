//! Connections that a shutdown aborts, or has no time for: they still get a close frame.

use std::time::Duration;

use ignitia::{DrainConfig, DrainReport, Server, ServerConfig, Shutdown, prelude::*, testing::TestClient};
use tokio::sync::oneshot;

use crate::support::{RawSocket, close, echo, forever, loopback, tcp, within};

/// The bytes that the transport takes at once go out, with the reason; the abort does not wait for
/// the rest.
#[tokio::test]
async fn an_abort_sends_a_close_frame_if_the_transport_takes_it() {
    let router = Router::new()
        .websocket("/reading", |ws: WebSocketConnection| async move {
            ws.send_text("hello").await.unwrap();
            forever().await
        })
        .websocket("/stuck", |ws: WebSocketConnection| async move {
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            forever().await
        });
    let client = TestClient::new(router).unwrap();
    let mut reading = client.connect("/reading").await;
    let mut stuck = client.connect("/stuck").await;
    assert_eq!(reading.recv_text().await, "hello");
    client.shutdown().abort();
    reading.expect_close(1001).await;
    reading.expect_end().await;
    let report = client.shutdown().drain().await;
    assert_eq!((report.clean, report.aborted), (0, 2));
    assert_eq!(stuck.recv().await, None);
}

/// The jitter is longer than the drain: connections with a late moment in it are closed in time.
#[tokio::test(start_paused = true)]
async fn a_drain_shorter_than_its_jitter_closes_every_connection() {
    const CONNECTIONS: usize = 100;
    let config = DrainConfig::default().timeout(Duration::from_secs(1));
    assert!(config.jitter > config.timeout);
    let shutdown = Shutdown::with_config(config);
    let client = TestClient::new(Router::new().websocket("/", echo).shutdown(shutdown.clone())).unwrap();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut socket = client.connect("/").await;
        clients.spawn(async move { socket.expect_close(1001).await });
    }
    let report = shutdown.drain().await;
    clients.join_all().await;
    assert_eq!((report.clean, report.aborted), (CONNECTIONS, 0));
}

fn at_once() -> DrainConfig {
    DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO)
}

/// Opens one connection to each of these paths and drains the server. Each must get a close frame.
async fn drain(router: Router, paths: &[&str]) -> DrainReport {
    let (stop, stopped) = oneshot::channel::<()>();
    let bound = Server::new(router, loopback())
        .with_server_config(ServerConfig { drain: at_once(), ..Default::default() })
        .with_graceful_shutdown(async {
            let _ = stopped.await;
        })
        .bind()
        .await
        .unwrap();
    let addr = bound.local_addr();
    let server = tokio::spawn(bound.run());
    let mut sockets = Vec::new();
    for path in paths {
        let mut socket = RawSocket::from(tcp(addr, None).await);
        socket.upgrade(path).await;
        sockets.push(socket);
    }
    stop.send(()).unwrap();
    for (path, mut socket) in paths.iter().zip(sockets) {
        println!("the one at {path}");
        socket.expect_close(1001).await;
        socket.send(&close(1001, "")).await;
    }
    within("the end of the drain", server).await.unwrap().unwrap()
}

/// Nested routers with a shutdown of their own are drained too, at any depth.
#[tokio::test]
async fn a_server_drains_nested_routers_with_a_shutdown_of_their_own() {
    let own = || Router::new().websocket("/own", echo).shutdown(Shutdown::with_config(at_once()));
    let merged = Router::new().websocket("/merged", echo).shutdown(Shutdown::with_config(at_once()));
    let deep = Router::new().nest("/deep", own());
    let router = Router::new().websocket("/plain", echo).nest("/nested", own()).merge(merged).merge(deep);
    let report = drain(router, &["/plain", "/nested/own", "/merged", "/deep/own"]).await;
    assert_eq!((report.clean, report.aborted), (4, 0));
}

#[tokio::test]
async fn a_server_aborts_handlers_of_nested_routers_at_the_deadline() {
    let config = at_once().timeout(Duration::from_millis(100));
    let stuck = Router::new()
        .websocket("/stuck", |ws: WebSocketConnection| async move {
            ws.accept().await.unwrap();
            forever().await
        })
        .shutdown(Shutdown::with_config(config));
    let report = drain(Router::new().nest("/nested", stuck), &["/nested/stuck"]).await;
    assert_eq!((report.clean, report.aborted), (0, 1));
}

#[tokio::test]
async fn a_shutdown_that_several_routers_share_counts_once() {
    let shared = Shutdown::with_config(at_once());
    let routes = || Router::new().websocket("/echo", echo).shutdown(shared.clone());
    let report = drain(routes().nest("/nested", routes()), &["/echo", "/nested/echo"]).await;
    assert_eq!((report.clean, report.aborted), (2, 0));
}
