//! Graceful shutdown over every transport.

use std::{sync::Arc, time::Duration};

use axum::http::request::Parts;
use ignitia::{
    DrainConfig, DrainReport, FromRequestParts, Shutdown,
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc::unbounded_channel, oneshot},
};

use crate::support::{
    End, RawSocket, Request, Transport, close, echo, echoes, everywhere, loopback, next, tcp, text, within,
};

fn counts(report: DrainReport) -> (usize, usize) {
    (report.clean, report.aborted)
}

/// Handlers get the end, and the server ends after them.
#[tokio::test]
async fn a_graceful_shutdown_returns_after_every_handler() {
    let (log, mut reports) = unbounded_channel();
    let release = Arc::new(Notify::new());
    let router = || {
        let (log, release) = (log.clone(), release.clone());
        Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
            let (log, release) = (log.clone(), release.clone());
            async move {
                ws.send_text("welcome").await?;
                while ws.recv().await.is_some() {}
                log.send((ws.closed().await, ws.send_text("late").await.is_err())).unwrap();
                release.notified().await;
                Ok::<_, Error>(Response::ok())
            }
        })
    };
    everywhere(router, async |server| {
        let mut sockets = Vec::new();
        for _ in 0..3 {
            let mut socket = server.open("/ws").await;
            socket.expect_text("welcome").await;
            sockets.push(socket);
        }
        let done = server.stop();
        for socket in &mut sockets {
            assert!(!socket.expect_close(1001).await.is_empty(), "the close frame does not say why");
            socket.send(&close(1001, "")).await;
            assert_eq!(socket.end().await, End::Eof);
        }
        for socket in sockets {
            drop(socket);
            let (cause, late_is_refused) = next(&mut reports).await;
            assert_eq!((cause.kind, cause.clean), (CloseKind::Shutdown, true));
            assert!(late_is_refused);
            assert!(!done.is_finished(), "the server is gone, and a handler still runs");
            release.notify_one();
        }
        let report = within("the end of the server", done).await.unwrap();
        assert_eq!(counts(report), (3, 0));
    })
    .await;
}

#[tokio::test]
async fn queued_messages_are_sent_before_the_close_frame() {
    const MESSAGES: usize = 100;
    let config = WebSocketConfig::default().outbox_bytes(64 << 20);
    let router = || {
        Router::new().websocket_config(config.clone()).websocket(
            "/ws",
            |mut ws: WebSocketConnection| async move {
                ws.recv().await;
                for _ in 0..MESSAGES {
                    ws.send_binary(vec![7; 64 << 10]).await?;
                }
                ws.send_text("that was all").await?;
                ws.closed().await;
                Ok::<_, Error>(Response::ok())
            },
        )
    };
    everywhere(router, async |server| {
        let mut socket = server.connect_narrow().await;
        socket.upgrade("/ws").await;
        socket.send(&text("go")).await;
        assert_eq!(socket.frame().await.payload.len(), 64 << 10);
        let done = server.stop();
        for _ in 1..MESSAGES {
            assert_eq!(socket.frame().await.payload.len(), 64 << 10);
        }
        socket.expect_text("that was all").await;
        socket.expect_close(1001).await;
        socket.send(&close(1001, "")).await;
        socket.end().await;
        drop(socket);
        assert_eq!(counts(within("the drain", done).await.unwrap()), (1, 0));
    })
    .await;
}

/// Reports that it was reached, and never returns.
async fn hang<T>(Reached(reached): Reached) -> T {
    reached.notify_one();
    std::future::pending().await
}

#[derive(Clone)]
struct Reached(Arc<Notify>);

/// An extractor that hangs.
struct Hangs;

impl FromRequestParts<Reached> for Hangs {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, reached: &Reached) -> Result<Self, StatusCode> {
        hang(reached.clone()).await
    }
}

/// Two upgrades are in progress when the drain begins: one in its extractors, one undecided.
#[tokio::test]
async fn upgrades_in_progress_are_refused_when_the_shutdown_begins() {
    let reached = Reached(Arc::new(Notify::new()));
    let no_window = WebSocketConfig::default().decision_window(None);
    let router = || {
        let undecided = |State(reached): State<Reached>, _ws: WebSocketConnection| hang::<Response>(reached);
        Router::new()
            .state(reached.clone())
            .websocket("/extractor", |_: Hangs, ws: WebSocketConnection| echo(ws))
            .websocket_with("/undecided", undecided, no_window.clone())
    };
    everywhere(router, async |server| {
        let mut waiting = Vec::new();
        for path in ["/extractor", "/undecided"] {
            let mut socket = server.connect().await;
            socket.request(&Request::upgrade(path)).await;
            within("the handler or its extractor", reached.0.notified()).await;
            waiting.push(socket);
        }
        let addr = server.addr;
        let done = server.stop();
        for mut socket in waiting {
            let head = socket.head().await;
            assert_eq!((head.status, head.get("retry-after")), (503, Some("5")), "{head:?}");
        }
        assert_eq!(counts(within("the end of the server", done).await.unwrap()), (0, 0));
        assert!(TcpStream::connect(addr).await.is_err(), "the port is still open");
    })
    .await;
}

/// Mounted in a server that goes on accepting, such as axum's, the routes refuse new upgrades.
#[tokio::test]
async fn new_upgrades_are_refused_during_the_shutdown() {
    let shutdown =
        Shutdown::with_config(DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO));
    let server = Transport::Axum.serve_until(echoes(WebSocketConfig::default()), shutdown.clone()).await;
    let mut socket = server.open("/ws").await;
    let draining = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shutdown.drain().await }
    });
    within("the drain", shutdown.draining()).await;
    let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
    assert_eq!((head.status, head.get("retry-after")), (503, Some("5")), "{head:?}");
    assert_eq!(head.get("connection"), Some("close"));
    socket.expect_close(1001).await;
    socket.send(&close(1001, "")).await;
    drop(socket);
    assert_eq!(counts(within("the end of the drain", draining).await.unwrap()), (1, 0));
}

/// One handler ignores the end, and one peer does not answer the close frame: the deadline ends
/// both.
#[tokio::test]
async fn a_shutdown_ends_at_its_deadline() {
    let reached = Reached(Arc::new(Notify::new()));
    let config = WebSocketConfig::default().close_timeout(Duration::from_secs(60));
    let router = || {
        let hangs = |State(reached): State<Reached>, ws: WebSocketConnection| async move {
            ws.accept().await?;
            hang::<Result<Response>>(reached).await
        };
        echoes(config.clone()).state(reached.clone()).websocket("/hangs", hangs)
    };
    for transport in Transport::ALL {
        println!("served by {transport:?}");
        let drain = DrainConfig::default()
            .timeout(Duration::from_millis(200))
            .notice(Duration::ZERO)
            .jitter(Duration::ZERO)
            .frame(CloseFrame { code: 1012, reason: "back in a minute".into() });
        let server = transport.serve_until(router(), Shutdown::with_config(drain)).await;
        let mut silent = server.open("/ws").await;
        let mut hangs = server.open("/hangs").await;
        within("the handler", reached.0.notified()).await;
        let done = server.stop();
        assert_eq!(silent.expect_close(1012).await, "back in a minute");
        hangs.expect_close(1012).await;
        hangs.send(&close(1012, "")).await;
        assert_eq!(counts(within("the end of the server", done).await.unwrap()), (0, 2));
    }
}

/// A stream of HTTP/2 loses its connection at the same time; the peer did not cause that.
#[tokio::test]
async fn an_aborted_connection_does_not_count_as_lost() {
    let (log, mut causes) = unbounded_channel();
    let router = || {
        let log = log.clone();
        Router::new().websocket("/ws", move |ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                ws.accept().await?;
                tokio::spawn({
                    let ws = ws.clone();
                    async move { log.send(ws.closed().await).unwrap() }
                });
                std::future::pending::<Result<Response>>().await
            }
        })
    };
    for transport in Transport::ALL {
        println!("served by {transport:?}");
        let shutdown = Shutdown::new();
        let server = transport.serve_until(router(), shutdown.clone()).await;
        let mut socket = server.open("/ws").await;
        shutdown.abort();
        if transport == Transport::Http2 {
            assert_eq!(socket.end().await, End::Reset);
        } else {
            socket.expect_close(1001).await;
        }
        assert_eq!(next(&mut causes).await.kind, CloseKind::Aborted);
        assert_eq!(counts(within("the end of the server", server.stop()).await.unwrap()), (0, 1));
    }
}

/// The configuration of the server counts if the router brings no shutdown of its own.
#[tokio::test]
async fn the_drain_configuration_of_a_server_is_used() {
    let (stop, stopped) = oneshot::channel::<()>();
    let frame = CloseFrame { code: 1012, reason: "back in a minute".into() };
    let drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO).frame(frame);
    let bound = Server::new(echoes(WebSocketConfig::default()), loopback())
        .with_server_config(ServerConfig { drain, ..Default::default() })
        .with_graceful_shutdown(async { stopped.await.unwrap_or_default() })
        .bind()
        .await
        .unwrap();
    let addr = bound.local_addr();
    let done = tokio::spawn(bound.run());
    let mut socket = RawSocket::from(tcp(addr, None).await);
    socket.upgrade("/ws").await;
    drop(stop);
    assert_eq!(socket.expect_close(1012).await, "back in a minute");
    socket.send(&close(1012, "")).await;
    drop(socket);
    assert_eq!(counts(within("the end of the server", done).await.unwrap().unwrap()), (1, 0));
}

/// Connections without a request on them are no reason to wait.
#[tokio::test]
async fn idle_http_connections_do_not_delay_the_shutdown() {
    for transport in [Transport::Plain, Transport::Tls] {
        println!("served by {transport:?}");
        let server = transport.serve(Router::new().get("/page", || async { "a page" })).await;
        let (head, mut idle) = server.ask(&Request::get("/page")).await;
        assert_eq!(idle.body(&head).await, "a page");
        let mut silent = server.connect().await;
        let _unencrypted = tcp(server.addr, None).await;
        let done = server.stop();
        within("the end of the server", done).await.unwrap();
        assert_eq!(idle.end().await, End::Eof);
        // hyper ends TLS without a close_notify before the first request.
        assert_ne!(silent.end().await, End::Reset);
    }
}
