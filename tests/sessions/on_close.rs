//! `on_close`: called once for every accepted session, with the cause of its end.

use std::{future::pending, time::Duration};

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
};
use ignitia::{
    DrainConfig, RouterExt, Shutdown,
    prelude::*,
    testing::{TestClient, TestSocket},
    websocket::{CloseCause, CloseKind, WebSocketConfig},
};
use tokio::time::{Instant, sleep};

use super::{Event, Events, In, Log, Out, log, say};
use crate::support::{Request as Handshake, Transport, client, everywhere, frame, within};

struct Recorder {
    log: Log,
    behaviour: Behaviour,
}

/// Behaviour of `on_close`.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Behaviour {
    #[default]
    Good,
    /// Its `on_close` takes so long.
    Slow(Duration),
    Endless,
    Panics,
    /// Its `on_close` occupies the thread.
    Blocks,
}

#[derive(Clone)]
struct App {
    log: Log,
    behaviour: Behaviour,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.log.say(Event::Dropped);
    }
}

#[websocket("/", message = In, reply = Out)]
impl Recorder {
    async fn accept(State(App { log, behaviour }): State<App>) -> Self {
        log.say(Event::Accepted);
        Self { log, behaviour }
    }

    async fn on_open(&mut self) {
        self.log.say(Event::Opened);
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        Out::Said { text }
    }

    #[on(Wait { millis })]
    async fn wait(&mut self, millis: u64) -> Out {
        sleep(Duration::from_millis(millis)).await;
        Out::Waited
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 4000, reason: "left".into() }
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<()> {
        Err(std::io::Error::other("on purpose").into())
    }

    #[on(Panic)]
    async fn panic(&mut self) {
        panic!("on purpose")
    }

    #[on(Stuck)]
    async fn stuck(&mut self) {
        self.log.say(Event::Heard("stuck".into()));
        pending().await
    }

    async fn on_close(self, why: CloseCause, ws: &WebSocketConnection) {
        assert_eq!(ws.closed().await, why);
        self.log.say(Event::Closing(why));
        match self.behaviour {
            Behaviour::Good => {}
            Behaviour::Slow(time) => sleep(time).await,
            Behaviour::Endless => pending().await,
            Behaviour::Panics => panic!("on purpose, in `on_close`"),
            Behaviour::Blocks => loop {
                tokio::task::yield_now().await;
            },
        }
        self.log.say(Event::Closed);
    }
}

fn router(log: Log, behaviour: Behaviour) -> Router<App> {
    Router::new().state(App { log, behaviour }).mount_session::<Recorder>()
}

/// Opens a session, and returns its events.
async fn open(config: WebSocketConfig) -> (TestClient, TestSocket, Events) {
    let (log, events) = log();
    let client = client(router(log, Behaviour::Good).websocket_config(config));
    let socket = client.connect("/").await;
    (client, socket, events)
}

/// Returns the cause of the only end of the only session.
async fn end(client: &TestClient, events: &mut Events) -> CloseCause {
    let cause = events.cause().await;
    client.shutdown().drain().await;
    assert_eq!(events.so_far(), [Event::Closed, Event::Dropped]);
    cause
}

fn close_frame(code: u16, reason: &str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: reason.into() })
}

fn defaults() -> WebSocketConfig {
    WebSocketConfig::default()
}

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

    let config = WebSocketConfig { idle_timeout: Some(Duration::from_secs(3)), ..defaults() };
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

/// The same without a deadline for the wait.
async fn end_by_clock(client: &TestClient, events: &mut Events) -> CloseCause {
    let cause = loop {
        if let Some(Event::Closing(cause)) = events.0.recv().await {
            break cause;
        }
    };
    client.shutdown().drain().await;
    assert_eq!(events.so_far(), [Event::Closed, Event::Dropped]);
    cause
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_the_cause() {
    let (log, mut events) = log();
    let drain = DrainConfig { notice: Duration::ZERO, jitter: Duration::ZERO, ..Default::default() };
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
async fn on_close_runs_when_a_drain_aborts_a_stuck_handler() {
    let (log, mut events) = log();
    let drain = DrainConfig {
        notice: Duration::ZERO,
        jitter: Duration::ZERO,
        timeout: Duration::from_secs(10),
        ..Default::default()
    };
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

#[tokio::test(start_paused = true)]
async fn on_close_runs_after_a_cancelled_handler() {
    let config = WebSocketConfig { cancel_on_close: true, ..defaults() };
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
            let config = WebSocketConfig { on_close_timeout, ..defaults() };
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
async fn an_on_close_within_its_time_ends() {
    let (log, mut events) = log();
    let config = WebSocketConfig { on_close_timeout: Duration::MAX, ..defaults() };
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
    let config = WebSocketConfig { on_close_timeout: Duration::from_millis(50), ..defaults() };
    let client = client(router(log, Behaviour::Blocks).websocket_config(config));
    let mut socket = client.connect("/").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(events.cause().await.kind, CloseKind::Peer);
    assert_eq!(events.next().await, Event::Dropped);
}

/// A layer between the session and the client replaces the answer.
#[tokio::test(start_paused = true)]
async fn on_close_runs_when_the_upgrade_fails() {
    async fn eat(request: Request, next: Next) -> StatusCode {
        let response = next.run(request).await;
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        StatusCode::IM_A_TEAPOT
    }
    let (log, mut events) = log();
    let router = axum::Router::new()
        .mount_session::<Recorder>()
        .with_state(App { log, behaviour: Behaviour::Good })
        .layer(from_fn(eat));
    let client = client(router);
    assert_eq!(client.request("/").rejection().await.status, StatusCode::IM_A_TEAPOT);
    let cause = end(&client, &mut events).await;
    // hyper may hand out the transport all the same, when it has ended.
    assert!([CloseKind::NotUpgraded, CloseKind::Lost].contains(&cause.kind), "{cause:?}");
    assert_eq!((cause.frame, cause.clean), (None, false));
}

#[tokio::test(start_paused = true)]
async fn on_close_runs_when_the_upgrade_does_not_come() {
    async fn hold(request: Request, next: Next) -> Response {
        let _response = next.run(request).await;
        pending().await
    }
    let (log, mut events) = log();
    let router = axum::Router::new()
        .mount_session::<Recorder>()
        .with_state(App { log, behaviour: Behaviour::Good })
        .layer(from_fn(hold));
    let client = client(router).deadline(Duration::from_secs(100));
    let start = Instant::now();
    let request = client.request("/");
    let handshake = tokio::spawn(async move { request.rejection().await });
    loop {
        if let Some(Event::Closing(cause)) = events.0.recv().await {
            assert_eq!((cause.kind, cause.frame), (CloseKind::NotUpgraded, None));
            break;
        }
    }
    assert_eq!(start.elapsed().as_secs(), 10);
    handshake.abort();
}

/// The client has left and the handshake is dropped: an accepted session gets its end, any other
/// nothing.
#[tokio::test]
async fn on_close_runs_once_when_the_client_is_gone_before_the_101() {
    for transport in Transport::ALL {
        let (log, mut events) = log();
        let gate = std::sync::Arc::new(tokio::sync::Notify::new());
        let server = transport.serve(Router::new().state((log, gate.clone())).mount_session::<Gated>()).await;
        let (mut accepted, mut closed) = (0, 0);
        let mut count = |event: &Event| match event {
            Event::Accepted => accepted += 1,
            Event::Closing(cause) => {
                // The drain at the end may come before the server notices that the last client has
                // left.
                let causes = [CloseKind::NotUpgraded, CloseKind::Lost, CloseKind::Shutdown];
                assert!(causes.contains(&cause.kind), "{cause:?}");
                closed += 1;
            }
            _ => {}
        };
        for round in 0..60 {
            let mut socket = server.connect().await;
            socket.request(&Handshake::upgrade("/gated")).await;
            loop {
                let event = events.next().await;
                if event == Event::Accepting {
                    break;
                }
                count(&event);
            }
            match round % 3 {
                // The server notices it before `accept` continues, or after.
                0 => {
                    drop(socket);
                    for _ in 0..round {
                        tokio::task::yield_now().await;
                    }
                }
                1 => socket.reset(),
                _ => {
                    gate.notify_waiters();
                    for _ in 0..round / 6 {
                        tokio::task::yield_now().await;
                    }
                    drop(socket);
                }
            }
            gate.notify_waiters();
        }
        within("the drain", server.stop()).await.unwrap();
        for event in events.so_far() {
            count(&event);
        }
        println!("{accepted} were accepted, {closed} were told");
        assert_eq!(accepted, closed, "{transport:?}");
        assert!(accepted >= 10, "only {accepted} were accepted: {transport:?}");
    }
}

struct Gated {
    log: Log,
}

#[websocket("/gated", message = In)]
impl Gated {
    async fn accept(State((log, gate)): State<(Log, std::sync::Arc<tokio::sync::Notify>)>) -> Self {
        let opened = gate.notified();
        log.say(Event::Accepting);
        opened.await;
        log.say(Event::Accepted);
        Self { log }
    }

    #[on(Say { .. })]
    async fn say(&self) {}

    #[on(Wait { .. })]
    async fn wait(&self) {}

    #[on(Leave)]
    async fn leave(&self) {}

    #[on(Fail)]
    async fn fail(&self) {}

    #[on(Panic)]
    async fn panic(&self) {}

    #[on(Stuck)]
    async fn stuck(&self) {}

    async fn on_close(self, why: CloseCause) {
        self.log.say(Event::Closing(why));
    }
}

/// A drain that begins during `accept` refuses the handshake: nothing was accepted.
#[tokio::test]
async fn on_close_does_not_run_when_accept_is_cut_off() {
    let (log, mut events) = log();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let client = client(Router::new().state((log, gate.clone())).mount_session::<Gated>());
    let request = client.request("/gated");
    let handshake = tokio::spawn(async move { request.rejection().await });
    assert_eq!(events.next().await, Event::Accepting);
    client.shutdown().drain().await;
    let refused = handshake.await.unwrap();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.header("retry-after"), Some("5"));
    gate.notify_waiters();
    assert_eq!(events.so_far(), []);
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
