//! `on_close` after handlers that are busy, cancelled or panic, and its own duration.

use std::time::Duration;

use ignitia::{DrainConfig, Shutdown, websocket::CloseKind};
use tokio::time::Instant;

use super::{Behaviour, defaults, end, end_by_clock, open, router};
use crate::{
    sessions::{Event, log, say},
    support::{client, within},
};

#[tokio::test(start_paused = true)]
async fn on_close_runs_when_a_drain_aborts_a_stuck_handler() {
    let (log, mut events) = log();
    let drain =
        DrainConfig::default().notice(Duration::ZERO).jitter(Duration::ZERO).timeout(Duration::from_secs(10));
    let router = router(log, Behaviour::Slow(Duration::from_secs(2))).shutdown(Shutdown::with_config(drain));
    let client = client(router);
    let mut socket = client.connect("/").await;
    socket.send_text(r#"{"type":"stuck"}"#).await;
    while events.next().await != Event::Heard("stuck".into()) {}
    let start = Instant::now();
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    // The server waits for the answer as long as it may.
    socket.set_deadline(Duration::from_secs(20));
    socket.expect_close(1001).await;
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.aborted), (0, 1));
    assert_eq!(start.elapsed().as_secs(), 12);
    let Event::Closing(cause) = events.next().await else { panic!() };
    // Both sides had closed when the handler was aborted.
    assert_eq!(cause.kind, CloseKind::Shutdown);
    assert_eq!(events.so_far(), [Event::Closed, Event::Dropped]);
}

#[tokio::test(start_paused = true)]
async fn on_close_runs_after_a_cancelled_handler() {
    let config = defaults().cancel_on_close(true);
    let (client, mut socket, mut events) = open(config.clone()).await;
    socket.send_text(r#"{"type":"stuck"}"#).await;
    while events.next().await != Event::Heard("stuck".into()) {}
    socket.reset();
    let cause = end(&client, &mut events).await;
    assert_eq!(cause.kind, CloseKind::Lost);

    let (client, mut socket, mut events) = open(config).await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    let cause = end(&client, &mut events).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
}

/// The close is answered in time; the handler ends later, and `on_close` after it.
#[tokio::test(start_paused = true)]
async fn on_close_waits_for_a_busy_handler() {
    let (client, mut socket, mut events) = open(defaults()).await;
    socket.set_deadline(Duration::from_secs(60));
    let start = Instant::now();
    socket.send_text(r#"{"type":"wait","millis":20000}"#).await;
    socket.close(4000, "").await;
    socket.expect_close(4000).await;
    assert_eq!(start.elapsed().as_secs(), 5);
    drop(socket);
    let cause = end_by_clock(&client, &mut events).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
    assert_eq!(start.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn on_close_runs_after_a_panic() {
    let (client, mut socket, mut events) = open(defaults()).await;
    let mut sibling = client.connect("/").await;
    socket.send_text(r#"{"type":"panic"}"#).await;
    assert_eq!(socket.expect_close(1011).await.reason, "");
    let cause = events.cause().await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Panic, true));
    assert_eq!((events.next().await, events.next().await), (Event::Closed, Event::Dropped));
    say(&mut sibling, "untouched").await;
    assert_eq!(events.so_far(), []);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_on_close_harms_no_other_session() {
    let (log, mut events) = log();
    let client = client(router(log, Behaviour::Panics));
    let mut sibling = client.connect("/").await;
    let mut socket = client.connect("/").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(events.cause().await.kind, CloseKind::Peer);
    assert_eq!(events.next().await, Event::Dropped);
    say(&mut sibling, "untouched").await;
    sibling.close(1000, "").await;
    sibling.expect_close(1000).await;
    assert_eq!(events.cause().await.kind, CloseKind::Peer);
    let report = within("the drain", client.shutdown().drain()).await;
    assert_eq!(report.aborted, 0);
    assert_eq!(events.so_far(), [Event::Dropped]);
}

#[tokio::test(start_paused = true)]
async fn an_endless_on_close_is_cut_off() {
    for behaviour in [Behaviour::Endless, Behaviour::Slow(Duration::from_secs(6))] {
        for (timeout, seconds) in [(None, 5), (Some(Duration::from_secs(2)), 2), (Some(Duration::ZERO), 0)] {
            let (log, mut events) = log();
            let on_close_timeout = timeout.unwrap_or(defaults().on_close_timeout);
            let config = defaults().on_close_timeout(on_close_timeout);
            let client = client(router(log, behaviour).websocket_config(config));
            let mut socket = client.connect("/").await;
            socket.close(1000, "").await;
            socket.expect_close(1000).await;
            assert_eq!(events.cause().await.kind, CloseKind::Peer);
            let start = Instant::now();
            assert_eq!(events.0.recv().await, Some(Event::Dropped));
            assert_eq!(start.elapsed().as_secs(), seconds, "{behaviour:?}");
            assert_eq!(client.shutdown().drain().await.aborted, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_on_close_within_its_timeout_completes() {
    let (log, mut events) = log();
    let config = defaults().on_close_timeout(Duration::MAX);
    let client = client(router(log, Behaviour::Slow(Duration::from_secs(100_000))).websocket_config(config));
    let mut socket = client.connect("/").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    let closed = async { while events.0.recv().await != Some(Event::Closed) {} };
    tokio::time::timeout(Duration::from_secs(100_001), closed).await.unwrap();
}

/// An `on_close` that is always ready to continue is cut off too, at its next await.
#[tokio::test]
async fn a_busy_on_close_is_cut_off() {
    let (log, mut events) = log();
    let config = defaults().on_close_timeout(Duration::from_millis(50));
    let client = client(router(log, Behaviour::Blocks).websocket_config(config));
    let mut socket = client.connect("/").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(events.cause().await.kind, CloseKind::Peer);
    assert_eq!(events.next().await, Event::Dropped);
}
