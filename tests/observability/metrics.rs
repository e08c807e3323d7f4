//! Metrics, on paused time.

use std::{collections::BTreeMap, time::Duration};

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig, Rooms},
    testing::{TestClient, TestSocket},
    websocket::{Origin, WebSocketConfig},
};
use tokio::{sync::mpsc, time::sleep};

use super::{Answer, router};
use crate::support::{Recorder, Request, Transport, close, text, until, within};

const ENDS: &str = "route=/api/ends/{how}";

fn counts<const N: usize>(expected: [(&str, f64); N]) -> BTreeMap<String, f64> {
    expected.map(|(labels, count)| (labels.to_owned(), count)).into()
}

/// Closes, and waits until the server has removed the connection.
async fn over(mut socket: TestSocket) {
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    socket.expect_end().await;
    drop(socket);
    sleep(Duration::from_millis(1)).await;
}

/// Returns a room and a member that does not read: its pipe and its queue hold almost nothing.
async fn slow_member() -> (Rooms<Answer>, TestSocket) {
    let config = RoomConfig::default().overflow(Overflow::DropOldest).backlog(4);
    let rooms: Rooms<Answer> = Rooms::with_config(config);
    let (joined, mut join) = mpsc::unbounded_channel();
    let members = rooms.clone();
    let handler = move |mut ws: WebSocketConnection| {
        let (members, joined) = (members.clone(), joined.clone());
        async move {
            ws.accept().await?;
            let _seat = members.join("room", &ws)?;
            joined.send(()).unwrap();
            while ws.recv().await.is_some() {}
            Ok::<_, Error>(Response::ok())
        }
    };
    let config = WebSocketConfig::default().outbox_messages(2).outbox_burst(1).keepalive_interval(None);
    let router = Router::new().websocket("/", handler).websocket_config(config);
    let client = TestClient::new(router).unwrap().pipe_capacity(100);
    let socket = client.connect("/").await;
    join.recv().await.unwrap();
    (rooms, socket)
}

/// Every end of a handshake and of a connection happens once: then the gauges are zero, and the
/// causes add up.
#[tokio::test(start_paused = true)]
async fn opened_and_closed_connections_add_up() {
    let mut recorder = Recorder::install();
    let config = WebSocketConfig::default().origin(Origin::SameHost).decision_window(None);
    let client = TestClient::new(router().websocket_config(config)).unwrap();

    client.connect("/api/ends/returns").await.expect_close(1000).await;
    client.connect("/api/ends/panics").await.expect_close(1011).await;
    client.connect("/api/ends/closes-privately").await.expect_close(4242).await;
    for code in [1000, 3456, 4001, 4999] {
        let mut socket = client.connect("/api/ends/listens").await;
        socket.close(code, "").await;
        socket.expect_close(code).await;
        socket.expect_end().await;
    }
    let mut violating = client.connect("/api/ends/listens").await;
    violating.send_bytes(&[0xff]).await;
    violating.send_bytes(&[0xff]).await;
    violating.expect_close(1002).await;
    client.connect("/api/ends/listens").await.reset();

    assert_eq!(client.get("/api/ends/listens").await.status, 426);
    let foreign = client.request("/api/ends/listens").header("origin", "https://evil.example");
    assert_eq!(foreign.rejection().await.status, 403);
    let unversioned = client.request("/api/ends/listens").header("sec-websocket-version", "8");
    assert_eq!(unversioned.rejection().await.status, 426);
    assert_eq!(client.request("/api/ends/refuses").rejection().await.status, 401);
    assert_eq!(client.request("/api/ends/panics-first").rejection().await.status, 500);
    assert_eq!(client.request("/api/ends/%ff").rejection().await.status, 400);
    // The client leaves while the handler has not decided.
    let undecided = client.request("/api/ends/waits").connect();
    assert!(tokio::time::timeout(Duration::from_secs(1), undecided).await.is_err());

    let mut open = client.connect("/api/ends/listens").await;
    sleep(Duration::from_secs(10)).await;
    assert_eq!(recorder.sums("ignitia_connections"), counts([(ENDS, 1.0)]));
    let drain = tokio::spawn({
        let shutdown = client.shutdown();
        async move { shutdown.drain().await }
    });
    open.expect_close(1001).await;
    open.expect_end().await;
    assert_eq!(drain.await.unwrap().clean, 1);
    assert_eq!(client.request("/api/ends/listens").rejection().await.status, 503);

    assert_eq!(recorder.sums("ignitia_connections"), counts([]));
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([]));
    let of = |labels: &str| format!("{ENDS} {labels}");
    let handshakes = recorder.sums("ignitia_handshakes_total");
    assert_eq!(
        handshakes,
        counts([
            (&of("outcome=upgraded"), 10.0),
            (&of("outcome=not_websocket"), 1.0),
            (&of("outcome=foreign_origin"), 1.0),
            (&of("outcome=unsupported_version"), 1.0),
            (&of("outcome=handler"), 1.0),
            (&of("outcome=panicked"), 1.0),
            (&of("outcome=extractor"), 1.0),
            (&of("outcome=client_left"), 1.0),
            (&of("outcome=draining"), 1.0),
        ])
    );
    let closed = recorder.sums("ignitia_connections_closed_total");
    assert_eq!(
        closed,
        counts([
            (&of("cause=local code=1000"), 1.0),
            (&of("cause=panic code=1011"), 1.0),
            (&of("cause=local code=4xxx"), 1.0),
            (&of("cause=peer code=1000"), 1.0),
            (&of("cause=peer code=3xxx"), 1.0),
            (&of("cause=peer code=4xxx"), 2.0),
            (&of("cause=violation code=1002"), 1.0),
            (&of("cause=lost code=none"), 1.0),
            (&of("cause=shutdown code=1001"), 1.0),
        ])
    );
    assert_eq!(closed.values().sum::<f64>(), handshakes[&of("outcome=upgraded")]);
    assert_eq!(recorder.samples("ignitia_connection_seconds", ENDS).len(), 10);
}

#[tokio::test(start_paused = true)]
async fn messages_and_bytes_are_counted_in_both_directions() {
    let mut recorder = Recorder::install();
    let client = TestClient::new(Router::new().websocket("/", crate::support::echo)).unwrap();
    let mut socket = client.connect("/").await;
    for text in ["one", "two", &"x".repeat(200)] {
        socket.send_text(text).await;
        assert_eq!(socket.recv_text().await, text);
    }
    socket.send(Message::Ping("ping".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("ping".into())));
    over(socket).await;
    for direction in ["in", "out"] {
        let labels = format!("route=/ direction={direction}");
        assert_eq!(recorder.sum("ignitia_messages_total", &labels), 3.0, "{direction}");
        // Headers have 2 bytes, or 4; incoming frames have a masking key of 4 more.
        let frames = (2 + 3) + (2 + 3) + (4 + 200) + (2 + 4) + (2 + 2);
        let masks = if direction == "in" { 5 * 4 } else { 0 };
        assert_eq!(recorder.sum("ignitia_bytes_total", &labels), f64::from(frames + masks), "{direction}");
    }
}

#[tokio::test(start_paused = true)]
async fn queue_depths_are_measured_in_both_directions() {
    let mut recorder = Recorder::install();
    let (go, gone) = mpsc::channel::<()>(1);
    let gone = std::sync::Arc::new(tokio::sync::Mutex::new(gone));
    let handler = move |mut ws: WebSocketConnection| {
        let gone = gone.clone();
        async move {
            ws.accept().await?;
            gone.lock().await.recv().await;
            // More than the pipe holds.
            for _ in 0..10 {
                ws.send_binary(vec![0; 10_000]).await?;
            }
            gone.lock().await.recv().await;
            while ws.recv().await.is_some() {}
            Ok::<_, Error>(Response::ok())
        }
    };
    let config = WebSocketConfig::default().keepalive_interval(None).write_stall(Duration::from_secs(30));
    let router = Router::new().websocket("/", handler).websocket_config(config);
    let client = TestClient::new(router).unwrap().pipe_capacity(25_000);
    let mut socket = client.connect("/").await;
    for _ in 0..3 {
        socket.send_text("waiting").await;
    }
    let (inbound, outbound) = ("route=/ direction=in", "route=/ direction=out");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([(inbound, 3.0)]));
    go.send(()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([(inbound, 3.0), (outbound, 8.0)]));
    go.send(()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([(outbound, 8.0)]));
    // The peer reads nothing for 30 s.
    sleep(Duration::from_secs(60)).await;
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([]));
    assert_eq!(recorder.sums("ignitia_dropped_messages_total"), counts([("route=/ reason=unsent", 8.0)]));
    assert_eq!(recorder.sum("ignitia_messages_total", outbound), 2.0);
    let stalled = "route=/ cause=write_stall code=none";
    assert_eq!(recorder.sums("ignitia_connections_closed_total"), counts([(stalled, 1.0)]));
}

#[tokio::test(start_paused = true)]
async fn dropped_room_messages_are_counted() {
    let mut recorder = Recorder::install();
    let (rooms, mut socket) = slow_member().await;
    for n in 0..20 {
        rooms.room("room").broadcast(&Answer::Told { text: format!("{n:1000}") }).unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    let mut received = 0.0;
    let lagged: serde_json::Value = loop {
        let message: serde_json::Value = socket.recv_json().await;
        if message["type"] == "$lagged" {
            break message;
        }
        received += 1.0;
    };
    let missed = lagged["missed"].as_f64().unwrap();
    for _ in 0..4 {
        socket.recv_text().await;
    }
    assert_eq!(received + missed + 4.0, 20.0);
    sleep(Duration::from_secs(1)).await;
    let dropped = recorder.sums("ignitia_dropped_messages_total");
    assert_eq!(dropped, counts([("route=/ reason=lagged", missed)]));
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([]));
}

/// All messages of a room to a leaving member are counted: written, given up, or never sent.
#[tokio::test(start_paused = true)]
async fn room_messages_to_a_leaving_member_are_all_counted() {
    const MESSAGES: usize = 20;
    let mut recorder = Recorder::install();
    let (rooms, socket) = slow_member().await;
    for n in 0..MESSAGES {
        rooms.room("room").broadcast(&Answer::Told { text: format!("{n:1000}") }).unwrap();
    }
    // The connection task has not run since.
    socket.reset();
    sleep(Duration::from_secs(1)).await;
    let dropped = recorder.sums("ignitia_dropped_messages_total");
    assert!(dropped["route=/ reason=lagged"] > 0.0, "{dropped:?}");
    let sent = recorder.sum("ignitia_messages_total", "route=/ direction=out");
    assert_eq!(sent + dropped.values().sum::<f64>(), MESSAGES as f64, "{sent} sent, {dropped:?}");
}

/// Broadcasts to members whose connection tasks rest are written by a task of their own.
#[tokio::test]
async fn broadcasts_are_counted_whoever_writes_them() {
    const MEMBERS: usize = 4;
    let mut recorder = Recorder::install();
    let rooms = Rooms::<Message>::new();
    let handler = |rooms: Rooms<Message>, mut ws: WebSocketConnection| async move {
        let _seat = rooms.join("room", &ws)?;
        while ws.recv().await.is_some() {}
        Ok::<_, Error>(Response::ok())
    };
    let router = Router::new().state(rooms.clone()).websocket("/", handler);
    let server = Transport::Plain.serve(router).await;
    let mut sockets = Vec::new();
    for _ in 0..MEMBERS {
        sockets.push(server.open("/").await);
    }
    let room = rooms.room("room");
    until("all are in", || room.len() == MEMBERS).await;
    for (n, message) in ["one", "two", "three"].into_iter().enumerate() {
        room.broadcast(&message.into()).unwrap();
        for socket in &mut sockets {
            socket.expect_text(message).await;
        }
        let sent = recorder.sum("ignitia_messages_total", "route=/ direction=out");
        assert_eq!(sent, (MEMBERS * (n + 1)) as f64);
    }
    let bytes = [text("one"), text("two"), text("three")].concat().len() - 3 * 4;
    let sent = recorder.sum("ignitia_bytes_total", "route=/ direction=out");
    assert_eq!(sent, (MEMBERS * bytes) as f64, "frames of the server have no mask");
    assert_eq!(recorder.sums("ignitia_queued_messages"), counts([]));
}

/// Bytes that arrive with the handshake count too.
#[tokio::test]
async fn bytes_behind_the_handshake_are_counted() {
    let mut recorder = Recorder::install();
    let server = Transport::Plain.serve(Router::new().websocket("/", crate::support::echo)).await;
    let early = [text("at once"), close(1000, "")].concat();
    let (head, mut socket) = server.ask(&Request::upgrade("/").followed_by(&early)).await;
    assert_eq!(head.status, 101);
    socket.expect_text("at once").await;
    socket.expect_close(1000).await;
    socket.drain().await;
    assert_eq!(within("the drain", server.stop()).await.unwrap().aborted, 0);
    assert_eq!(recorder.sum("ignitia_bytes_total", "route=/ direction=in"), early.len() as f64);
}

#[tokio::test(start_paused = true)]
async fn round_trip_times_of_pings_are_measured() {
    let mut recorder = Recorder::install();
    let client = TestClient::new(Router::new().websocket("/", crate::support::echo)).unwrap();
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(60));
    // The ping comes after 25 s, and is answered when the client reads.
    sleep(Duration::from_secs(28)).await;
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(recorder.samples("ignitia_ping_seconds", "route=/"), [3.0]);
}

#[tokio::test(start_paused = true)]
async fn handler_times_are_measured() {
    let mut recorder = Recorder::install();
    let client = TestClient::new(router()).unwrap();
    let mut socket = client.connect("/api/talk/lobby").await;
    for seconds in [2, 3] {
        socket.send_json(&json!({ "type": "wait", "seconds": seconds })).await;
        socket.recv_text().await;
    }
    assert_eq!(recorder.samples("ignitia_handler_seconds", "route=/api/talk/{room}"), [2.0, 3.0]);
    sleep(Duration::from_secs(5)).await;
    over(socket).await;
    let lives = recorder.samples("ignitia_connection_seconds", "route=/api/talk/{room}");
    assert_eq!(lives.iter().map(|seconds| seconds.round()).collect::<Vec<_>>(), [10.0]);
}

/// Every metric that is counted is documented, and every documented metric is counted. Those of an
/// engine are counted with one only, in the tests of engines.
#[tokio::test(start_paused = true)]
async fn the_documentation_lists_every_metric() {
    let mut recorder = Recorder::install();
    let client = TestClient::new(Router::new().websocket("/", crate::support::echo)).unwrap();
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(60));
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    over(socket).await;
    let message = ignitia::websocket::websocket_message_handler(|_, _| async { Response::ok() });
    let mut socket = TestClient::new(Router::new().websocket("/", message)).unwrap().connect("/").await;
    socket.send_text("handled").await;
    over(socket).await;
    let source =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../ignitia/src/metrics/mod.rs"))
            .unwrap();
    let row = |line: &str| Some(line.strip_prefix("//! | `")?.split('`').next()?.to_owned());
    let mut documented: Vec<String> = source.lines().filter_map(row).collect();
    documented.retain(|name| !name.starts_with("ignitia_engine_"));
    documented.sort();
    assert_eq!(recorder.names(), documented);
}
