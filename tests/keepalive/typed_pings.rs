//! `$ping` and `$pong`: pings that the program at the other end has to answer.

use std::time::Duration;

use ignitia::{
    ClientMessage, ServerMessage, TypedConnection,
    prelude::*,
    testing::TestSocket,
    websocket::{CloseKind, WebSocketConfig},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep},
};

use crate::support::{client, nothing_came, within};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Wait {
        seconds: u64,
    },
    #[serde(other)]
    Other,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Waited,
    Other,
}

async fn answer(message: In) -> Out {
    match message {
        In::Wait { seconds } => {
            sleep(Duration::from_secs(seconds)).await;
            Out::Waited
        }
        In::Other => Out::Other,
    }
}

#[websocket("/function", on_message, id = "id")]
async fn function(message: In) -> Out {
    answer(message).await
}

struct Session;

#[websocket("/session", message = In, reply = Out, id = "id")]
impl Session {
    async fn accept() -> Self {
        Self
    }

    #[on(Wait { seconds })]
    async fn wait(&mut self, seconds: u64) -> Out {
        answer(In::Wait { seconds }).await
    }

    #[on(Other)]
    async fn other(&mut self) -> Out {
        Out::Other
    }

    async fn on_raw(&mut self, _: &str) -> Option<()> {
        panic!("this is no raw text")
    }

    /// An event source beside the messages.
    #[every("1s")]
    async fn tick(&mut self) {}
}

type Ends = UnboundedSender<CloseKind>;

#[websocket("/typed")]
async fn typed(mut ws: TypedConnection<In, Out>) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if let Ok(message) = message {
            ws.send(&answer(message).await).await?;
        }
    }
    Ok(Response::ok())
}

#[derive(Serialize, Deserialize, ClientMessage, ServerMessage)]
enum External {
    Hello,
}

#[websocket("/external", on_message)]
async fn external(message: External) -> External {
    message
}

const PATHS: [&str; 3] = ["/function", "/session", "/typed"];

fn with(config: WebSocketConfig, ends: Ends) -> impl ignitia::IntoRouter {
    Router::new()
        .websocket_config(config)
        .on_close(move |closed: ignitia::websocket::ConnectionClosed| {
            let _ = ends.send(closed.cause.kind);
        })
        .mount(function)
        .mount_session::<Session>()
        .mount(typed)
        .mount(external)
}

fn asking() -> (impl ignitia::IntoRouter, UnboundedReceiver<CloseKind>) {
    let (ends, ended) = unbounded_channel();
    let config = WebSocketConfig::default().liveness_interval(Duration::from_secs(30));
    (with(config, ends), ended)
}

const PING: &str = r#"{"type":"$ping"}"#;
const PONG: &str = r#"{"type":"$pong"}"#;

#[tokio::test]
async fn every_typed_endpoint_answers_a_typed_ping_and_calls_no_method() {
    let client = client(with(WebSocketConfig::default().malformed_limit(0), unbounded_channel().0));
    for path in ["/function", "/session", "/typed", "/external"] {
        let mut socket = client.connect(path).await;
        for text in [PING, r#" {"x":[1],"type" : "\u0024ping"} "#] {
            socket.send_text(text).await;
            assert_eq!(socket.recv_text().await, PONG, "{path}: {text}");
        }
        socket.send_text(PONG).await;
        nothing_came(&mut socket).await;
    }
    for path in ["/function", "/session"] {
        let mut socket = client.connect(path).await;
        socket.send_text(r#"{"type":"$ping","id":1.50}"#).await;
        assert_eq!(socket.recv_text().await, r#"{"type":"$pong","id":1.50}"#);
        // A text that only begins like a typed ping is an ordinary message.
        socket.send_text(r#"{"type":"$pin"}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["type"], "other");
    }
}

async fn pinged_after(socket: &mut TestSocket, seconds: u64, since: Instant) {
    assert_eq!(socket.recv_text().await, PING);
    assert_eq!(since.elapsed().as_secs(), seconds);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_pinged_and_kept_if_it_answers() {
    let (router, mut ended) = asking();
    let client = client(router);
    for path in PATHS {
        let mut socket = client.connect(path).await;
        socket.set_deadline(Duration::from_secs(100));
        let mut since = Instant::now();
        for answer in [PONG, r#"{"type":"?"}"#, PING, PONG] {
            pinged_after(&mut socket, 30, since).await;
            sleep(Duration::from_secs(15)).await;
            since = Instant::now();
            socket.send_text(answer).await;
            if answer != PONG {
                socket.recv_text().await;
            }
        }
        // A peer that sends messages is not pinged.
        for _ in 0..4 {
            sleep(Duration::from_secs(29)).await;
            socket.send_text(r#"{"type":"?"}"#).await;
            assert_eq!(socket.recv_json::<Value>().await["type"], "other", "{path}");
        }
        socket.close(1000, "").await;
        socket.expect_close(1000).await;
        assert_eq!(within("the end", ended.recv()).await, Some(CloseKind::Peer));
    }
}

/// Chromium does this for a page in its cache: it answers protocol pings, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_typed_ping_is_closed() {
    let (router, mut ended) = asking();
    let client = client(router);
    for path in PATHS {
        let mut socket = client.connect(path).await;
        socket.set_deadline(Duration::from_secs(100));
        let since = Instant::now();
        pinged_after(&mut socket, 30, since).await;
        let frame = socket.expect_close(3008).await;
        assert_eq!(
            (frame.reason.as_str(), since.elapsed().as_secs()),
            ("no answer to `$ping`", 50),
            "{path}"
        );
        socket.expect_end().await;
        assert_eq!(within("the end", ended.recv()).await, Some(CloseKind::KeepaliveTimeout));
    }
}

/// A client that asks while its message is being handled must not take the server for dead.
#[tokio::test(start_paused = true)]
async fn a_busy_handler_keeps_no_typed_ping_waiting() {
    let client = client(with(WebSocketConfig::default(), unbounded_channel().0));
    for path in PATHS {
        let mut socket = client.connect(path).await;
        socket.set_deadline(Duration::from_secs(400));
        socket.send_text(r#"{"type":"wait","seconds":300}"#).await;
        sleep(Duration::from_secs(1)).await;
        for queued in [0, 5, 300] {
            for _ in 0..queued {
                socket.send_text(r#"{"type":"?"}"#).await;
            }
            let since = Instant::now();
            socket.send_text(PING).await;
            assert_eq!(socket.recv_text().await, PONG, "{path}, behind {queued} messages");
            // A full queue is peeked at once a second.
            assert!(since.elapsed() <= Duration::from_millis(1_100), "{path}: {:?}", since.elapsed());
        }
        assert_eq!(socket.recv_json::<Value>().await["type"], "waited", "{path}");
        for _ in 0..305 {
            assert_eq!(socket.recv_json::<Value>().await["type"], "other", "{path}");
        }
    }
}

/// The second of two converted connections has raw messages in its queue already.
#[websocket("/converted")]
async fn converted(ws: WebSocketConnection) -> Result<Response> {
    ws.accept().await?;
    sleep(Duration::from_secs(60)).await;
    let mut typed = TypedConnection::<In, Out>::from(ws);
    sleep(Duration::from_secs(60)).await;
    while let Some(message) = typed.recv().await {
        assert_eq!(message.map(|message| matches!(message, In::Other)), Ok(true));
        typed.send(&Out::Other).await?;
    }
    Ok(Response::ok())
}

#[tokio::test(start_paused = true)]
async fn typed_pings_from_before_the_conversion_are_answered_with_it() {
    let client = client(Router::new().mount(converted));
    let mut socket = client.connect("/converted").await;
    socket.set_deadline(Duration::from_secs(400));
    let since = Instant::now();
    for text in [r#"{"type":"?"}"#, PING, r#"{"type":"?"}"#, PONG] {
        socket.send_text(text).await;
    }
    assert_eq!((socket.recv_text().await.as_str(), since.elapsed().as_secs()), (PONG, 60));
    socket.send_text(PING).await;
    assert_eq!((socket.recv_text().await.as_str(), since.elapsed().as_secs()), (PONG, 60));
    for _ in 0..2 {
        assert_eq!(socket.recv_json::<Value>().await["type"], "other");
    }
    assert_eq!(since.elapsed().as_secs(), 120);
    nothing_came(&mut socket).await;
}

struct Slow;

#[websocket("/slow", message = In, reply = Out)]
impl Slow {
    async fn accept() -> Self {
        Self
    }

    async fn on_open(&mut self) {
        sleep(Duration::from_secs(60)).await;
    }

    #[on(Wait { seconds: _ })]
    async fn wait(&mut self) {}

    #[on(Other)]
    async fn other(&mut self) {}
}

#[tokio::test(start_paused = true)]
async fn on_open_keeps_no_typed_ping_waiting() {
    let client = client(Router::new().mount_session::<Slow>());
    let mut socket = client.connect("/slow").await;
    let since = Instant::now();
    socket.send_text(PING).await;
    assert_eq!((socket.recv_text().await.as_str(), since.elapsed().as_secs()), (PONG, 0));
}

#[websocket("/raw")]
async fn raw(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

/// A peer that asks and takes no answers must not grow our memory.
#[tokio::test]
async fn answers_have_no_more_room_than_messages() {
    const ASKED: usize = 20_000;
    let client = client(with(WebSocketConfig::default().outbox_messages(4), unbounded_channel().0));
    let mut socket = client.connect("/function").await;
    for _ in 0..ASKED {
        socket.send_text(PING).await;
    }
    socket.send_text(r#"{"type":"?"}"#).await;
    let mut answered = 0;
    while socket.recv_text().await == PONG {
        answered += 1;
    }
    assert!((1..ASKED / 2).contains(&answered), "{answered}");
}

#[tokio::test]
async fn an_endpoint_without_types_receives_them_like_any_text() {
    let client = client(Router::new().mount(raw));
    let mut socket = client.connect("/raw").await;
    for text in [PING, PONG] {
        socket.send_text(text).await;
        assert_eq!(socket.recv_text().await, text);
    }
}

/// Messages that wait to be handled are a sign of life, and a method may take its time.
#[tokio::test(start_paused = true)]
async fn a_busy_handler_does_not_count_as_a_silent_peer() {
    let (router, _ended) = asking();
    let client = client(router);
    for path in PATHS {
        let mut socket = client.connect(path).await;
        socket.set_deadline(Duration::from_secs(400));
        socket.send_text(r#"{"type":"wait","seconds":300}"#).await;
        assert_eq!(socket.recv_json::<Value>().await["type"], "waited", "{path}");
        let since = Instant::now();
        assert_eq!(socket.recv_text().await, PING, "{path}");
        assert!(since.elapsed() <= Duration::from_secs(31), "{path}");
        socket.send_text(PONG).await;
        nothing_came(&mut socket).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_typed_pings_are_sent_by_default() {
    let client = client(with(WebSocketConfig::default(), unbounded_channel().0));
    for path in PATHS {
        let mut socket = client.connect(path).await;
        let reader = async {
            loop {
                if let Some(Message::Text(text)) = socket.recv().await {
                    break text;
                }
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(3), reader).await.is_err(), "{path}");
    }
}

#[websocket("/again")]
async fn again(State(received): State<UnboundedSender<bool>>, mut ws: TypedConnection<In, Out>) -> Response {
    for _ in 0..2 {
        received.send(ws.recv().await.is_some()).unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    Response::ok()
}

/// Messages behind the end are not handled, and are counted.
#[tokio::test(start_paused = true)]
async fn messages_behind_the_liveness_timeout_are_not_handled() {
    let ((sender, mut received), (causes, mut ended)) = (unbounded_channel(), unbounded_channel());
    let config =
        WebSocketConfig::default().liveness_interval(Duration::from_secs(30)).keepalive_interval(None);
    let router = Router::new().state(sender).mount(again).websocket_config(config);
    let client = client(router.on_close(move |closed: ignitia::websocket::ConnectionClosed| {
        let _ = causes.send(closed.cause.clone());
    }));
    let mut socket = client.connect("/again").await;
    socket.set_deadline(Duration::from_secs(100));
    assert_eq!(received.recv().await, Some(false));
    socket.send_text(r#"{"type":"?"}"#).await;
    assert_eq!(received.recv().await, Some(false));
    assert_eq!(socket.recv_text().await, PING);
    assert_eq!(socket.expect_close(3008).await.reason, "no answer to `$ping`");
    socket.expect_end().await;
    let cause = within("the end", ended.recv()).await.unwrap();
    assert_eq!((cause.kind, cause.unhandled), (CloseKind::KeepaliveTimeout, 1));
}
