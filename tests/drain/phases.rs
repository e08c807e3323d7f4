//! The phases of a drain: close frames within the jitter, the deadline, the report.

use std::time::Duration;

use ignitia::{
    DrainConfig, DrainReport, Shutdown,
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};

use crate::support::{Log, Running, Transport, close as raw_close, echo, forever, within};

fn client(router: Router, config: DrainConfig) -> TestClient {
    TestClient::new(router.shutdown(Shutdown::with_config(config))).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_connection_is_closed_with_1001_within_the_jitter() {
    const CONNECTIONS: usize = 100;
    let client = client(Router::new().websocket("/", echo), DrainConfig::default());
    let shutdown = client.shutdown();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut socket = client.connect("/").await;
        clients.spawn(async move {
            let frame = socket.expect_close(1001).await;
            assert_eq!(frame.reason, "the server is shutting down");
            Instant::now()
        });
    }
    let start = Instant::now();
    let report = shutdown.drain().await;
    assert_eq!((report.clean, report.aborted), (CONNECTIONS, 0));
    let mut delays: Vec<Duration> = clients.join_all().await.iter().map(|closed| *closed - start).collect();
    delays.sort();
    // Spread over the two seconds, not all at one end.
    assert!(delays[CONNECTIONS - 1] < Duration::from_millis(2_100), "{delays:?}");
    assert!(
        delays[CONNECTIONS / 2] > Duration::from_millis(700)
            && delays[CONNECTIONS / 2] < Duration::from_millis(1_300)
    );
}

#[tokio::test(start_paused = true)]
async fn queued_messages_go_out_first_and_the_handler_ends_by_itself() {
    let (log, mut ends) = unbounded_channel();
    let router = Router::new().websocket("/", move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            for number in 0..100 {
                ws.send_text(number.to_string()).await.unwrap();
            }
            while ws.recv().await.is_some() {}
            tokio::time::sleep(Duration::from_secs(3)).await;
            log.send(ws.close_cause().unwrap().kind).unwrap();
            Response::ok()
        }
    });
    let client = client(router, DrainConfig::default());
    let mut socket = client.connect("/").await;
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    for number in 0..100 {
        assert_eq!(socket.recv_text().await, number.to_string());
    }
    socket.expect_close(1001).await;
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.aborted), (1, 0));
    // The drain has waited for the handler.
    assert_eq!(ends.try_recv(), Ok(CloseKind::Shutdown));
}

#[tokio::test(start_paused = true)]
async fn handlers_that_do_not_end_are_aborted_at_the_deadline() {
    let router = Router::new()
        .websocket("/stuck", |ws: WebSocketConnection| async move {
            ws.accept().await.unwrap();
            forever().await
        })
        .websocket("/", echo);
    let client = client(router, DrainConfig::default().timeout(Duration::from_secs(10)));
    let mut stuck = client.connect("/stuck").await;
    let mut fine = client.connect("/").await;
    let fine = tokio::spawn(async move { fine.expect_close(1001).await });
    let start = Instant::now();
    let report = client.shutdown().drain().await;
    assert_eq!((report.clean, report.aborted), (1, 1));
    assert_eq!(start.elapsed().as_secs(), 10);
    fine.await.unwrap();
    stuck.expect_close(1001).await;
}

#[tokio::test(start_paused = true)]
async fn new_upgrades_are_refused_with_503_and_undecided_ones_too() {
    let (log, mut started) = unbounded_channel();
    let router = Router::new().websocket("/", echo).websocket("/slow", move |_ws: WebSocketConnection| {
        log.send(()).unwrap();
        forever()
    });
    let client = client(router, DrainConfig::default().retry_after(Duration::from_secs(7)));
    let mut open = client.connect("/").await;
    let undecided = client.clone();
    let undecided = tokio::spawn(async move { undecided.request("/slow").rejection().await });
    started.recv().await.unwrap();
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    let undecided = undecided.await.unwrap();
    assert!(client.shutdown().is_draining());
    let fresh = client.request("/").rejection().await;
    for refused in [undecided, fresh] {
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.header("retry-after"), Some("7"));
    }
    open.expect_close(1001).await;
    assert_eq!(drain.await.unwrap().clean, 1);
}

#[tokio::test(start_paused = true)]
async fn the_close_frame_and_the_jitter_are_those_of_the_configuration() {
    let frame = CloseFrame { code: 1012, reason: "back in a moment".into() };
    let config = DrainConfig::default().frame(frame.clone()).notice(Duration::ZERO).jitter(Duration::ZERO);
    let client = client(Router::new().websocket("/", echo), config);
    let mut socket = client.connect("/").await;
    let closed = tokio::spawn(async move { socket.expect_close(1012).await });
    let start = Instant::now();
    client.shutdown().drain().await;
    assert_eq!(closed.await.unwrap(), frame);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

/// An abort does not wait.
#[tokio::test]
async fn an_abort_drops_the_handlers_and_sends_a_close_frame() {
    let (log, mut handles) = unbounded_channel();
    let router = Router::new().websocket("/", move |ws: WebSocketConnection| {
        log.send(ws.clone()).unwrap();
        async move {
            ws.accept().await.unwrap();
            forever().await
        }
    });
    let client = client(router, DrainConfig::default());
    let mut socket = client.connect("/").await;
    client.shutdown().abort();
    let report = client.shutdown().drain().await;
    assert_eq!((report.clean, report.aborted), (0, 1));
    assert_eq!(handles.recv().await.unwrap().closed().await.kind, CloseKind::Aborted);
    socket.expect_close(1001).await;
    socket.expect_end().await;
}

/// A value on the stack of a handler may panic when it is dropped: the end is still reported.
#[tokio::test]
async fn an_aborted_handler_that_panics_when_dropped_counts_as_aborted() {
    struct Trap;
    impl Drop for Trap {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let (log, mut handles) = unbounded_channel();
    let router = Router::new().websocket("/", move |ws: WebSocketConnection| {
        log.send(ws.clone()).unwrap();
        async move {
            let _trap = Trap;
            ws.accept().await.unwrap();
            forever().await
        }
    });
    let client = client(router, DrainConfig::default());
    let _socket = client.connect("/").await;
    client.shutdown().abort();
    assert_eq!(handles.recv().await.unwrap().closed().await.kind, CloseKind::Aborted);
    assert_eq!(client.shutdown().drain().await.aborted, 1);
}

/// The closing handshake is complete and the handler has returned. A client that keeps its end open
/// does not make it an abort.
#[tokio::test(start_paused = true)]
async fn a_handler_that_has_ended_by_itself_is_not_aborted() {
    let config = DrainConfig::default()
        .timeout(Duration::from_millis(500))
        .notice(Duration::ZERO)
        .jitter(Duration::ZERO);
    let client = client(Router::new().websocket("/", echo), config);
    let mut socket = client.connect("/").await;
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    // The close frames go both ways; the pipe stays open.
    socket.expect_close(1001).await;
    socket.send_bytes(b"").await;
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.aborted), (1, 0));
    drop(socket);
}

/// Drains one handler that never ends, which is aborted, and one echo, which is not.
async fn drain_of_two(drain: impl AsyncFnOnce(Running, Shutdown) -> DrainReport) -> (Log, DrainReport) {
    let (log, _guard) = Log::begin_at(tracing::Level::DEBUG);
    let config = DrainConfig::default()
        .timeout(Duration::from_millis(300))
        .notice(Duration::ZERO)
        .jitter(Duration::ZERO);
    let shutdown = Shutdown::with_config(config);
    let router =
        Router::new().websocket("/fine", echo).websocket("/stuck", |ws: WebSocketConnection| async move {
            ws.accept().await.unwrap();
            forever().await
        });
    let server = Transport::Plain.serve_until(router, shutdown.clone()).await;
    let mut sockets = [server.open("/fine").await, server.open("/stuck").await];
    let peers = tokio::spawn(async move {
        for socket in &mut sockets {
            socket.expect_close(1001).await;
            socket.send(&raw_close(1001, "")).await;
        }
    });
    let report = drain(server, shutdown).await;
    peers.await.unwrap();
    (log, report)
}

fn lines(log: &Log, words: &str) -> Vec<String> {
    log.text().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_server_logs_its_drain_report_and_the_aborted_connections() {
    let (log, report) =
        drain_of_two(async |server, _| within("the drain", server.stop()).await.unwrap()).await;
    assert_eq!((report.clean, report.aborted), (1, 1));
    let [drained] = &lines(&log, "drained")[..] else { panic!("{}", log.text()) };
    assert!(drained.contains("INFO") && drained.contains("clean=1 unclean=0 aborted=1"), "{drained}");
    let [cut_off] = &lines(&log, "cut off by the drain")[..] else { panic!("{}", log.text()) };
    assert!(cut_off.contains("DEBUG") && cut_off.contains("route=\"/stuck\""), "{cut_off}");
    assert!(cut_off.contains("connection="), "{cut_off}");
}

#[tokio::test]
async fn a_drain_without_a_server_is_logged_too() {
    let (log, report) =
        drain_of_two(async |_server, shutdown| within("the drain", shutdown.drain()).await).await;
    assert_eq!((report.clean, report.aborted), (1, 1));
    let [drained] = &lines(&log, "ignitia::shutdown: drained")[..] else { panic!("{}", log.text()) };
    assert!(drained.contains("INFO") && drained.contains("clean=1 unclean=0 aborted=1"), "{drained}");
}

/// Each was closed in time, and none has answered the close frame: by silence, by leaving, and by
/// garbage.
#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_answer_the_close_frame_is_not_closed_cleanly() {
    let config = WebSocketConfig::default().close_timeout(Duration::from_secs(1));
    let router = Router::new().websocket("/", echo).websocket_config(config);
    let client = client(router, DrainConfig::default().jitter(Duration::ZERO));
    let mut answers = client.connect("/").await;
    let _is_silent = client.connect("/").await;
    let leaves = client.connect("/").await;
    let mut breaks_rules = client.connect("/").await;
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    client.shutdown().draining().await;
    tokio::task::yield_now().await;
    answers.expect_close(1001).await;
    leaves.reset();
    breaks_rules.send_bytes(&[0xff; 16]).await;
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.unclean, report.aborted), (1, 3, 0));
}
