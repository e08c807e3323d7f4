//! Bounds of the wait for the message in progress.

use std::time::Duration;

use ignitia::{
    DrainConfig,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::time::{Instant, sleep};

use super::{CALLED, PATHS, SECOND, ask, client, expect_done, router};

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_the_answer_under_way_and_begins_no_other() {
    for path in PATHS {
        let (router, mut ends) = router(WebSocketConfig::default());
        let client = client(router, DrainConfig::default().jitter(Duration::ZERO));
        let mut socket = client.connect(path).await;
        for _ in 0..20 {
            socket.send_text(ask(4)).await;
        }
        ends.begun.recv().await.unwrap();
        sleep(SECOND).await;
        let (shutdown, start) = (client.shutdown(), Instant::now());
        let drain = tokio::spawn(async move { shutdown.drain().await });
        expect_done(&mut socket).await;
        assert_eq!(start.elapsed().as_secs(), 3, "{path}");
        socket.expect_close(1001).await;
        assert_eq!(start.elapsed().as_secs(), 3, "{path}");
        socket.expect_end().await;
        let report = drain.await.unwrap();
        assert_eq!((report.clean, report.aborted), (1, 0), "{path}");
        let cause = ends.causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Shutdown, true, 0), "{path}");
        assert_eq!(cause.unhandled, 19, "{path}");
        assert!(ends.begun.try_recv().is_err(), "{path}: another one was begun");
    }
}

/// A handler that is called for a message returns; the end of a handler's own loop cannot be
/// predicted.
#[tokio::test(start_paused = true)]
async fn a_drain_waits_until_its_deadline_for_calls_and_until_the_close_timeout_for_loops() {
    for path in PATHS {
        let (router, mut ends) = router(WebSocketConfig::default());
        let timeout = 20 * SECOND;
        let client = client(router, DrainConfig::default().jitter(Duration::ZERO).timeout(timeout));
        let mut socket = client.connect(path).await;
        socket.send_text(ask(15)).await;
        ends.begun.recv().await.unwrap();
        let (shutdown, start) = (client.shutdown(), Instant::now());
        let drain = tokio::spawn(async move { shutdown.drain().await });
        if CALLED.contains(&path) {
            expect_done(&mut socket).await;
            socket.expect_close(1001).await;
            assert_eq!(start.elapsed().as_secs(), 15, "{path}");
        } else {
            socket.expect_close(1001).await;
            assert_eq!(start.elapsed().as_secs(), 5, "{path}");
        }
        drain.await.unwrap();
    }
}

/// The answer is lost, and is counted as unsent.
#[tokio::test(start_paused = true)]
async fn a_drain_closes_in_order_before_its_deadline_whatever_the_handler_does() {
    for path in CALLED {
        let (router, mut ends) = router(WebSocketConfig::default());
        let timeout = 20 * SECOND;
        let client = client(router, DrainConfig::default().jitter(Duration::ZERO).timeout(timeout));
        let mut socket = client.connect(path).await;
        for _ in 0..3 {
            socket.send_text(ask(1_000)).await;
        }
        ends.begun.recv().await.unwrap();
        let (shutdown, start) = (client.shutdown(), Instant::now());
        let drain = tokio::spawn(async move { shutdown.drain().await });
        socket.expect_close(1001).await;
        assert_eq!(start.elapsed().as_secs(), 19, "{path}");
        let report = drain.await.unwrap();
        assert_eq!((report.clean, report.aborted), (0, 1), "{path}");
        let cause = ends.causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.clean, cause.unhandled), (CloseKind::Shutdown, true, 2), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_just_in_time_is_sent_and_one_that_comes_too_late_is_counted() {
    for (path, seconds, unsent) in
        ["/function", "/session"].into_iter().flat_map(|path| [(path, 3, 0), (path, 4, 1)])
    {
        let (router, mut ends) = router(WebSocketConfig::default());
        // The close frame goes out a second before the deadline.
        let timeout = 4 * SECOND;
        let client = client(router, DrainConfig::default().jitter(Duration::ZERO).timeout(timeout));
        let mut socket = client.connect(path).await;
        socket.send_text(ask(seconds)).await;
        ends.begun.recv().await.unwrap();
        sleep(SECOND / 2).await;
        let (shutdown, start) = (client.shutdown(), Instant::now());
        let drain = tokio::spawn(async move { shutdown.drain().await });
        if unsent == 0 {
            expect_done(&mut socket).await;
        }
        socket.expect_close(1001).await;
        assert_eq!(start.elapsed().as_secs(), if unsent == 0 { 2 } else { 3 }, "{path}");
        drain.await.unwrap();
        let cause = ends.causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.unsent), (CloseKind::Shutdown, unsent), "{path}");
    }
}
