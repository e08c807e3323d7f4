//! Causes of the end that `on_close` gets.

use std::time::Duration;

use ignitia::{DrainConfig, Shutdown, prelude::*, websocket::CloseKind};
use tokio::time::Instant;

use super::{Behaviour, close_frame, defaults, end, end_by_clock, open, router};
use crate::{
    sessions::{Event, log},
    support::{client, everywhere, frame, within},
};

#[tokio::test(start_paused = true)]
async fn a_close_of_the_peer_is_the_cause() {
    let (client, mut socket, mut events) = open(defaults()).await;
    socket.close(4005, "bye").await;
    socket.expect_close(4005).await;
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Peer, close_frame(4005, "bye"), true));

    let (client, mut socket, mut events) = open(defaults()).await;
    socket.send(Message::Close(None)).await;
    socket.expect_close(1005).await;
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Peer, None, true));
}

#[tokio::test(start_paused = true)]
async fn a_close_of_the_session_is_the_cause() {
    for (kind, code, reason) in [("leave", 4000, "left"), ("fail", 1011, "")] {
        let (client, mut socket, mut events) = open(defaults()).await;
        socket.send_text(format!(r#"{{"type":"{kind}"}}"#)).await;
        if kind == "fail" {
            assert_eq!(socket.recv_json::<serde_json::Value>().await["code"], "internal");
        }
        socket.expect_close(code).await;
        let cause = end(&client, &mut events).await;
        assert_eq!(
            (cause.kind, cause.frame, cause.clean),
            (CloseKind::Local, close_frame(code, reason), true)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_ends_the_session_is_the_cause() {
    let (client, mut socket, mut events) = open(defaults()).await;
    for _ in 0..11 {
        socket.send_text("?").await;
    }
    for _ in 0..10 {
        socket.recv_text().await;
    }
    socket.expect_close(1008).await;
    let cause = end(&client, &mut events).await;
    assert_eq!(
        (cause.kind, cause.frame),
        (CloseKind::Local, close_frame(1008, "too many malformed messages"))
    );

    let (client, mut socket, mut events) = open(defaults()).await;
    socket.send_binary(&b"x"[..]).await;
    socket.expect_close(1003).await;
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.frame.unwrap().code), (CloseKind::Local, 1003));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_transport_is_the_cause() {
    let (client, mut socket, mut events) = open(defaults()).await;
    socket.half_close().await;
    let cause = end(&client, &mut events).await;
    // The connection is still open for a close frame.
    assert_eq!((cause.kind, cause.frame.unwrap().code, cause.clean), (CloseKind::Lost, 1002, false));
    drop(socket);

    let (client, socket, mut events) = open(defaults()).await;
    socket.reset();
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Lost, None, false));

    // In the middle of a frame, and of a message that is being handled.
    let (client, mut socket, mut events) = open(defaults()).await;
    socket.send_text(r#"{"type":"wait","millis":1}"#).await;
    socket.send_bytes(&[0x81, 0xfe, 0x01]).await;
    drop(socket);
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Lost, false));
}

#[tokio::test(start_paused = true)]
async fn a_violation_is_the_cause() {
    let too_big = crate::support::header(0x81, (1 << 20) + 1);
    for (bytes, code) in [(frame(0x83, b""), 1002), (frame(0x81, b"\xff"), 1007), (too_big, 1009)] {
        let (client, mut socket, mut events) = open(defaults()).await;
        socket.send_bytes(&bytes).await;
        socket.expect_close(code).await;
        drop(socket);
        let cause = end(&client, &mut events).await;
        assert_eq!((cause.kind, cause.frame.unwrap().code), (CloseKind::Violation, code));
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_the_cause() {
    let (client, socket, mut events) = open(defaults()).await;
    let start = Instant::now();
    // It does not read, so it does not answer.
    let cause = end_by_clock(&client, &mut events).await;
    assert_eq!(cause.kind, CloseKind::KeepaliveTimeout);
    assert!((45..60).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    drop(socket);

    let config = defaults().idle_timeout(Duration::from_secs(3));
    let (client, mut socket, mut events) = open(config).await;
    socket.expect_close(3008).await;
    let cause = end_by_clock(&client, &mut events).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::IdleTimeout, true));

    let (client, mut socket, mut events) = open(defaults()).await;
    for _ in 0..4 {
        socket.send_text(format!(r#"{{"type":"say","text":"{}"}}"#, "x".repeat(50_000))).await;
    }
    let cause = end_by_clock(&client, &mut events).await;
    assert_eq!(cause.kind, CloseKind::WriteStall);
    assert!(cause.unsent > 0, "{cause:?}");
    drop(socket);
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_the_cause() {
    let (log, mut events) = log();
    let drain = DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO);
    let router = router(log, Behaviour::Slow(Duration::from_secs(3))).shutdown(Shutdown::with_config(drain));
    let client = client(router);
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(client.connect("/").await);
    }
    let start = Instant::now();
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    for socket in &mut sockets {
        socket.expect_close(1001).await;
    }
    drop(sockets);
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.aborted), (20, 0));
    assert_eq!(start.elapsed().as_secs(), 3, "the drain waits for `on_close`");
    let events = events.so_far();
    let causes: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Closing(cause) => Some((cause.kind, cause.clean)),
            _ => None,
        })
        .collect();
    assert_eq!(causes, [(CloseKind::Shutdown, true); 20]);
    assert_eq!(events.iter().filter(|event| **event == Event::Closed).count(), 20);
}

#[tokio::test(start_paused = true)]
async fn an_abort_is_the_cause() {
    for busy in [false, true] {
        let (client, mut socket, mut events) = open(defaults()).await;
        if busy {
            socket.send_text(r#"{"type":"stuck"}"#).await;
            while events.next().await != Event::Heard("stuck".into()) {}
        }
        client.shutdown().abort();
        let cause = end(&client, &mut events).await;
        assert_eq!(cause.kind, CloseKind::Aborted);
        socket.expect_close(1001).await;
    }
}

#[tokio::test]
async fn on_close_runs_over_every_transport() {
    let (log, mut events) = log();
    everywhere(
        move || router(log.clone(), Behaviour::Good),
        async |server| {
            let mut socket = server.open("/").await;
            socket.send(&crate::support::text(r#"{"type":"leave"}"#)).await;
            socket.expect_close(4000).await;
            socket.send(&crate::support::close(4000, "")).await;
            let cause = events.cause().await;
            assert_eq!((cause.kind, cause.clean), (CloseKind::Local, true));

            server.open("/").await.reset();
            assert_eq!(events.cause().await.kind, CloseKind::Lost);

            let mut socket = server.open("/").await;
            socket.shut_down_write().await;
            let cause = events.cause().await;
            assert_eq!(cause.kind, CloseKind::Lost);

            let mut socket = server.open("/").await;
            socket.send(&crate::support::text(r#"{"type":"panic"}"#)).await;
            socket.expect_close(1011).await;
            drop(socket);
            assert_eq!(events.cause().await.kind, CloseKind::Panic);

            let mut socket = server.open("/").await;
            let drain = server.stop();
            socket.expect_close(1001).await;
            drop(socket);
            within("the drain", drain).await.unwrap();
            assert_eq!(events.cause().await.kind, CloseKind::Shutdown);
            let left = events.so_far();
            assert!(!left.iter().any(|event| matches!(event, Event::Closing(_))), "{left:?}");
        },
    )
    .await;
}
