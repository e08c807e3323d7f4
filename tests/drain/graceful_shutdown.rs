//! Graceful shutdown, by a handler and by the server.

use std::{future::pending, time::Duration};

use ignitia::{DrainConfig, Shutdown, prelude::*};
use tokio::{net::TcpStream, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::support::{self, Running, client, loopback, until_closed, within};

/// Closes when the signal comes, as with Ctrl-C.
async fn until_told(State(shutdown): State<CancellationToken>, mut ws: WebSocketConnection) -> Response {
    let shutdown = shutdown.cancelled();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            message = ws.recv() => {
                let Some(message) = message else { break };
                if message.is_data() {
                    ws.send(message).await.ok();
                }
            }
            () = &mut shutdown => {
                ws.close(Some(CloseFrame { code: 1001, reason: "Server shutdown".into() })).await.ok();
                break;
            }
        }
    }
    Response::ok()
}

#[tokio::test]
async fn a_handler_may_close_at_a_signal() {
    let shutdown = CancellationToken::new();
    let client = client(Router::new().state(shutdown.clone()).websocket("/ws", until_told));
    let mut sockets = [client.connect("/ws").await, client.connect("/ws").await];
    for socket in &mut sockets {
        socket.send_text("hello").await;
        assert_eq!(socket.recv_text().await, "hello");
    }
    shutdown.cancel();
    for mut socket in sockets {
        assert_eq!(socket.expect_close(1001).await.reason, "Server shutdown");
        socket.expect_end().await;
    }
}

/// The same with the signal of the guide, which is not sent here.
#[tokio::test]
async fn a_handler_may_wait_for_ctrl_c() {
    async fn until_ctrl_c(mut ws: WebSocketConnection) -> Response {
        let shutdown = tokio::signal::ctrl_c();
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                message = ws.recv() => {
                    if message.is_none() {
                        break;
                    }
                }
                _ = &mut shutdown => {
                    ws.close(Some(CloseFrame { code: 1001, reason: "Server shutdown".into() })).await.ok();
                    break;
                }
            }
        }
        Response::ok()
    }
    let mut socket = client(Router::new().websocket("/ws", until_ctrl_c)).connect("/ws").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

fn at_once() -> DrainConfig {
    DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO)
}

#[tokio::test]
async fn a_server_closes_its_connections_and_accepts_no_more() {
    let config = ServerConfig { drain: at_once(), ..Default::default() };
    let router = Router::new().websocket("/ws", until_closed);
    let server = Running::of(Server::new(router, loopback()).with_server_config(config)).await;
    let addr = server.addr;
    let mut peers = [server.open("/ws").await, server.open("/ws").await];
    let stopping = server.stop();
    for peer in &mut peers {
        peer.expect_close(1001).await;
        peer.send(&support::close(1001, "")).await;
        peer.end().await;
    }
    drop(peers);
    let report = within("the end of the server", stopping).await.unwrap();
    assert_eq!((report.clean, report.aborted), (2, 0));
    assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
}

#[tokio::test]
async fn a_server_waits_for_handlers_that_still_work() {
    let (finish, finished) = watch::channel(false);
    let router = Router::new().state(finished).websocket(
        "/ws",
        |State(mut finished): State<watch::Receiver<bool>>, mut ws: WebSocketConnection| async move {
            while ws.recv().await.is_some() {}
            finished.wait_for(|finished| *finished).await.unwrap();
            Response::ok()
        },
    );
    let config = ServerConfig { drain: at_once(), ..Default::default() };
    let server = Running::of(Server::new(router, loopback()).with_server_config(config)).await;
    let mut peer = server.open("/ws").await;
    let stopping = tokio::spawn(server.report());
    peer.expect_close(1001).await;
    peer.send(&support::close(1001, "")).await;
    peer.end().await;
    drop(peer);
    assert!(!stopping.is_finished());
    finish.send(true).unwrap();
    assert_eq!(stopping.await.unwrap().clean, 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_is_aborted_at_the_deadline() {
    let shutdown = Shutdown::with_config(at_once().timeout(Duration::from_secs(7)));
    let router =
        Router::new().shutdown(shutdown.clone()).websocket("/ws", |ws: WebSocketConnection| async move {
            ws.accept().await.ok();
            pending::<Response>().await
        });
    let mut socket = client(router).connect("/ws").await;
    let started = tokio::time::Instant::now();
    let draining = tokio::spawn(async move { shutdown.drain().await });
    socket.expect_close(1001).await;
    let report = draining.await.unwrap();
    assert_eq!((report.clean, report.aborted), (0, 1));
    assert_eq!(started.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn upgrades_during_the_drain_are_refused_with_retry_after() {
    let frame = CloseFrame { code: 1012, reason: "new version".into() };
    let retry_after = Duration::from_secs(9);
    let shutdown = Shutdown::with_config(at_once().frame(frame).retry_after(retry_after));
    let router = Router::new().websocket("/ws", until_closed).shutdown(shutdown.clone());
    let client = client(router);
    let mut socket = client.connect("/ws").await;
    let draining = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shutdown.drain().await }
    });
    shutdown.draining().await;
    let refused = client.request("/ws").rejection().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), Some("9"));
    assert_eq!(socket.expect_close(1012).await.reason, "new version");
    socket.expect_end().await;
    assert_eq!(draining.await.unwrap().clean, 1);
}
