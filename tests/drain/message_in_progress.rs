//! An end that this side begins waits for the message that a handler is working on: its answer goes
//! out first, within a bound. Messages that no handler has begun by then are not handled.

use std::time::Duration;

use ignitia::{
    ClientMessage, DrainConfig, IntoRouter, ServerMessage, Shutdown, TypedConnection,
    prelude::*,
    testing::{TestClient, TestSocket},
    websocket::{CloseCause, CloseKind, WebSocketConfig, websocket_batch_handler, websocket_message_handler},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep},
};

use crate::support::{close, everywhere, text};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Slow { seconds: u64 },
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Done,
    Welcome,
}

/// Log of handlers of every shape that take their time for a message: they note its beginning and
/// its end.
#[derive(Debug, Clone)]
struct Notes {
    begun: UnboundedSender<()>,
    causes: UnboundedSender<CloseCause>,
}

#[websocket("/function", on_message, id = "id")]
async fn function(State(notes): State<Notes>, message: Ask) -> Tell {
    slow(&notes, message).await
}

#[websocket("/typed_loop")]
async fn typed_loop(State(notes): State<Notes>, mut ws: TypedConnection<Ask, Tell>) -> Response {
    while let Some(Ok(message)) = ws.recv().await {
        let _ = ws.send(&slow(&notes, message).await).await;
    }
    Response::ok()
}

struct Session {
    notes: Notes,
}

#[websocket("/session", message = Ask, reply = Tell)]
impl Session {
    async fn accept(State(notes): State<Notes>) -> Self {
        Self { notes }
    }

    #[on(Slow { seconds })]
    async fn slow(&mut self, seconds: u64) -> Tell {
        slow(&self.notes, Ask::Slow { seconds }).await
    }
}

async fn raw_loop(State(notes): State<Notes>, mut ws: WebSocketConnection) -> Response {
    while let Some(Message::Text(text)) = ws.recv().await {
        let _ = ws.send_json(&slow(&notes, serde_json::from_str(&text).unwrap()).await).await;
    }
    Response::ok()
}

async fn slow(notes: &Notes, Ask::Slow { seconds }: Ask) -> Tell {
    notes.begun.send(()).unwrap();
    sleep(Duration::from_secs(seconds)).await;
    Tell::Done
}

const PATHS: [&str; 6] = ["/function", "/session", "/typed_loop", "/loop", "/messages", "/batches"];

/// Handlers that are called with a message and return: the drain waits for them until its deadline.
const CALLED: [&str; 4] = ["/function", "/session", "/messages", "/batches"];

struct Ends {
    begun: UnboundedReceiver<()>,
    causes: UnboundedReceiver<CloseCause>,
}

fn router(config: WebSocketConfig) -> (Router, Ends) {
    let ((begun, begins), (causes, ends)) = (unbounded_channel(), unbounded_channel());
    let notes = Notes { begun, causes };
    let causes = notes.causes.clone();
    let (by_message, by_batch) = (notes.clone(), notes.clone());
    let messages = websocket_message_handler(move |ws, message| {
        let notes = by_message.clone();
        async move {
            if let Message::Text(text) = message {
                let _ = ws.send_json(&slow(&notes, serde_json::from_str(&text).unwrap()).await).await;
            }
            Response::ok()
        }
    });
    let batches = websocket_batch_handler(
        move |ws, batch: Vec<Message>| {
            let notes = by_batch.clone();
            async move {
                for text in batch.iter().filter_map(Message::as_text) {
                    let _ = ws.send_json(&slow(&notes, serde_json::from_str(text).unwrap()).await).await;
                }
                Response::ok()
            }
        },
        1,
        0,
    );
    let router = Router::new()
        .websocket("/messages", messages)
        .websocket("/batches", batches)
        .state(notes)
        .mount(function)
        .mount(typed_loop)
        .mount_session::<Session>()
        .websocket("/loop", raw_loop)
        .websocket_config(config)
        .on_close(move |closed| {
            let _ = causes.send(closed.cause.clone());
        });
    (router.into_router(), Ends { begun: begins, causes: ends })
}

fn ask(seconds: u64) -> String {
    format!(r#"{{"type":"slow","seconds":{seconds}}}"#)
}

async fn expect_done(socket: &mut TestSocket) {
    assert_eq!(socket.recv_text().await, r#"{"type":"done"}"#);
}

fn client(router: Router, config: DrainConfig) -> TestClient {
    let client = TestClient::new(router.shutdown(Shutdown::with_config(config))).unwrap();
    client.deadline(60 * SECOND)
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_the_answer_under_way_and_begins_no_other() {
    for path in PATHS {
        let (router, mut ends) = router(WebSocketConfig::default());
        let client = client(router, DrainConfig { jitter: Duration::ZERO, ..Default::default() });
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
        let client = client(router, DrainConfig { jitter: Duration::ZERO, timeout, ..Default::default() });
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
        let client = client(router, DrainConfig { jitter: Duration::ZERO, timeout, ..Default::default() });
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
        let client = client(router, DrainConfig { jitter: Duration::ZERO, timeout, ..Default::default() });
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

#[tokio::test(start_paused = true)]
async fn a_peer_that_waits_for_a_reply_is_not_idle() {
    for path in ["/function", "/session"] {
        let (router, mut ends) = router(WebSocketConfig { idle_timeout: Some(SECOND), ..Default::default() });
        let client = client(router, DrainConfig::default());
        let mut socket = client.connect(path).await;
        socket.send_text(ask(8)).await;
        expect_done(&mut socket).await;
        let answered = Instant::now();
        socket.expect_close(3008).await;
        assert_eq!(answered.elapsed().as_secs(), 1, "{path}");
        assert_eq!(ends.causes.recv().await.unwrap().kind, CloseKind::IdleTimeout);
    }
}

/// A loop of the handler may have no interest in the peer: the idle timeout goes on, and the answer
/// goes out before the end.
#[tokio::test(start_paused = true)]
async fn an_idle_peer_of_a_loop_is_answered_first() {
    for path in ["/loop", "/typed_loop"] {
        let (router, mut ends) = router(WebSocketConfig { idle_timeout: Some(SECOND), ..Default::default() });
        let client = client(router, DrainConfig::default());
        let mut socket = client.connect(path).await;
        socket.send_text(ask(4)).await;
        socket.send_text(ask(0)).await;
        ends.begun.recv().await.unwrap();
        let start = Instant::now();
        expect_done(&mut socket).await;
        socket.expect_close(3008).await;
        assert_eq!(start.elapsed().as_secs(), 4, "{path}");
        let cause = ends.causes.recv().await.unwrap();
        assert_eq!((cause.kind, cause.unhandled), (CloseKind::IdleTimeout, 1), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_completes_the_batch_that_is_being_collected() {
    let (log, mut sizes) = unbounded_channel();
    let handler = websocket_batch_handler(
        move |ws, batch: Vec<Message>| {
            let log = log.clone();
            async move {
                log.send(batch.len()).unwrap();
                let _ = ws.send_text(format!("{} stored", batch.len())).await;
                Response::ok()
            }
        },
        100,
        3_600_000,
    );
    let router = Router::new().websocket("/", handler);
    let client = client(router, DrainConfig { jitter: Duration::ZERO, ..Default::default() });
    let mut socket = client.connect("/").await;
    for _ in 0..3 {
        socket.send_text("x").await;
    }
    sleep(SECOND).await;
    let (shutdown, start) = (client.shutdown(), Instant::now());
    let drain = tokio::spawn(async move { shutdown.drain().await });
    assert_eq!(socket.recv_text().await, "3 stored");
    socket.expect_close(1001).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    drain.await.unwrap();
    assert_eq!((sizes.recv().await, sizes.try_recv().is_err()), (Some(3), true));
}

struct Greeter;

#[websocket("/greeter", message = Ask, reply = Tell)]
impl Greeter {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self) -> Tell {
        sleep(3 * SECOND).await;
        Tell::Welcome
    }

    #[on(Slow { seconds })]
    async fn slow(&mut self, seconds: u64) -> Tell {
        sleep(Duration::from_secs(seconds)).await;
        Tell::Done
    }
}

#[tokio::test(start_paused = true)]
async fn what_on_open_sends_goes_out_before_a_drain_closes() {
    let router = Router::new().mount_session::<Greeter>();
    let client = client(router, DrainConfig { jitter: Duration::ZERO, ..Default::default() });
    let mut socket = client.connect("/greeter").await;
    socket.send_text(ask(0)).await;
    sleep(SECOND).await;
    let shutdown = client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    assert_eq!(socket.recv_text().await, r#"{"type":"welcome"}"#);
    socket.expect_close(1001).await;
    assert_eq!(drain.await.unwrap().clean, 1);
}

/// A handler that has received one message and then only sends would otherwise delay the drain.
#[tokio::test(start_paused = true)]
async fn a_handler_that_ignores_messages_is_closed_at_once() {
    let router = Router::new().websocket("/", |mut ws: WebSocketConnection| async move {
        let _ = ws.recv().await;
        ws.ignore_messages();
        while ws.send_text("tick").await.is_ok() {
            sleep(SECOND).await;
        }
        Response::ok()
    });
    let client = client(router, DrainConfig { jitter: Duration::ZERO, ..Default::default() });
    let mut socket = client.connect("/").await;
    socket.send_text("subscribe").await;
    assert_eq!(socket.recv_text().await, "tick");
    let (shutdown, start) = (client.shutdown(), Instant::now());
    let drain = tokio::spawn(async move { shutdown.drain().await });
    socket.expect_close(1001).await;
    assert_eq!(start.elapsed().as_secs(), 0);
    drain.await.unwrap();
}

/// Over real sockets, with everything pipelined: exactly the requests that were answered were
/// handled.
#[tokio::test]
async fn a_drain_handles_what_it_answers_and_nothing_else() {
    const REQUESTS: usize = 1_271;
    let (log, mut handled) = unbounded_channel();
    let router = move || {
        let log = log.clone();
        let handler = websocket_message_handler(move |ws, message| {
            let log = log.clone();
            async move {
                if let Message::Text(text) = message {
                    log.send(text.clone()).unwrap();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    let _ = ws.send_text(text).await;
                }
                Response::ok()
            }
        });
        Router::new().websocket("/", handler)
    };
    everywhere(router, async |server| {
        let transport = server.transport;
        let mut socket = server.open("/").await;
        let requests: Vec<u8> = (0..REQUESTS).flat_map(|number| text(&number.to_string())).collect();
        socket.send(&requests).await;
        socket.expect_text("0").await;
        let drain = server.stop();
        let mut answers = 1;
        let frame = loop {
            let frame = socket.frame().await;
            if frame.opcode == crate::support::CLOSE {
                break frame;
            }
            assert_eq!(frame.payload, answers.to_string().as_bytes());
            answers += 1;
        };
        assert_eq!(frame.close_code().0, 1001);
        socket.send(&close(1001, "")).await;
        drain.await.unwrap();
        let handled: Vec<String> = std::iter::from_fn(|| handled.try_recv().ok()).collect();
        assert_eq!(handled.len(), answers, "{transport:?}");
        assert!(answers < REQUESTS, "{transport:?}: the drain came too late to show anything");
    })
    .await;
}
