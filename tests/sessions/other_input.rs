//! `on_raw` and `on_binary`: input that is none of the messages, in sessions and in `on_message`
//! functions.

use ignitia::{
    prelude::*,
    testing::TestSocket,
    websocket::{CloseKind, WebSocketConfig},
};
use serde_json::Value;

use super::{Event, EventLog, In, Out, log, say};
use crate::support::{BINARY, Frame, client, everywhere, frame};

struct Foreign {
    log: EventLog,
    bytes: usize,
}

#[websocket("/session", message = In, reply = Out)]
impl Foreign {
    async fn accept(State(log): State<EventLog>) -> Self {
        Self { log, bytes: 0 }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        Out::Said { text }
    }

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

    async fn on_raw(&mut self, text: &str, ws: &WebSocketConnection) -> Option<Message> {
        self.log.say(Event::Heard(text.to_owned()));
        answer(text, ws)
    }

    async fn on_binary(&mut self, bytes: Vec<u8>, ws: &WebSocketConnection) -> Result<Message, Failure> {
        self.bytes += bytes.len();
        assert!(!ws.is_closed());
        match &bytes[..] {
            b"fail" => Err(Failure),
            b"bye" => Ok(Message::Close(Some(CloseFrame { code: 4000, reason: self.bytes.to_string() }))),
            bytes => Ok(Message::Binary(bytes.iter().rev().copied().collect::<Vec<_>>().into())),
        }
    }

    async fn on_close(self, why: ignitia::websocket::CloseCause) {
        self.log.say(Event::Closing(why));
    }
}

fn answer(text: &str, ws: &WebSocketConnection) -> Option<Message> {
    assert!(!ws.is_closed());
    match text {
        "ping" => Some("pong".into()),
        "bytes" => Some(Message::Binary("abc".into())),
        "bye" => Some(Message::Close(None)),
        _ => None,
    }
}

#[derive(Debug)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hunter2")
    }
}

impl MessageError for Failure {
    fn code(&self) -> &'static str {
        "failure"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "it failed".into()
    }
}

async fn heartbeat(text: &str, ws: &WebSocketConnection) -> Option<Message> {
    answer(text, ws)
}

mod uploads {
    use super::*;

    pub(super) async fn reversed(bytes: bytes::Bytes, _: &WebSocketConnection) -> Result<Message, Failure> {
        match &bytes[..] {
            b"fail" => Err(Failure),
            b"bye" => Ok(Message::Close(Some(CloseFrame { code: 4000, reason: "7".into() }))),
            bytes => Ok(Message::Binary(bytes.iter().rev().copied().collect::<Vec<_>>().into())),
        }
    }
}

#[websocket("/function", on_message, on_raw = heartbeat, on_binary = uploads::reversed, id = "id")]
async fn function(message: In) -> Option<Out> {
    match message {
        In::Say { text } => Some(Out::Said { text }),
        _ => None,
    }
}

const PATHS: [&str; 2] = ["/session", "/function"];

fn router(log: EventLog) -> Router<EventLog> {
    Router::new().state(log).mount_session::<Foreign>().mount(function)
}

async fn heartbeats(socket: &mut TestSocket) {
    socket.send_text("ping").await;
    assert_eq!(socket.recv_text().await, "pong");
}

#[tokio::test]
async fn on_raw_answers_heartbeats_of_foreign_clients() {
    let (log, _events) = log();
    let client = client(router(log));
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for _ in 0..30 {
            heartbeats(&mut socket).await;
        }
        say(&mut socket, "hi").await;
        socket.send_text("bytes").await;
        assert_eq!(&socket.recv_binary().await[..], b"abc");
        socket.send_text("bye").await;
        assert_eq!(socket.expect_close(1000).await.reason, "");
        socket.expect_end().await;
    }
}

/// The hook gets only texts that are no messages; a text that it refuses is malformed as usual, and
/// counts.
#[tokio::test]
async fn texts_that_on_raw_does_not_take_stay_malformed() {
    let (log, mut events) = log();
    let client = client(router(log));
    for path in PATHS {
        let mut socket = client.connect(path).await;
        say(&mut socket, "hi").await;
        for (text, code) in [
            ("?", "invalid_json"),
            (r#"{"type":"x"}"#, "unknown_tag"),
            ("", "invalid_json"),
            (r#"{"type":"say"}"#, "missing_field"),
        ] {
            socket.send_text(text).await;
            assert_eq!(socket.recv_json::<Value>().await["code"], code, "{path}: {text}");
            heartbeats(&mut socket).await;
        }
        for _ in 0..6 {
            socket.send_text("?").await;
            assert_eq!(socket.recv_json::<Value>().await["code"], "invalid_json");
            heartbeats(&mut socket).await;
        }
        socket.send_text("?").await;
        assert_eq!(socket.expect_close(1008).await.reason, "too many malformed messages");
    }
    let heard = |text: &str| Event::Heard(text.into());
    for text in ["?", "ping", r#"{"type":"x"}"#, "ping", "", "ping", r#"{"type":"say"}"#] {
        assert_eq!(events.next().await, heard(text));
    }
}

#[tokio::test]
async fn on_binary_handles_binary_messages() {
    let (log, mut events) = log();
    let client = client(router(log));
    for path in PATHS {
        let mut socket = client.connect(path).await;
        for bytes in [&b"abc"[..], b"", &[0xff; 100_000]] {
            socket.send_binary(bytes.to_vec()).await;
            let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
            assert_eq!(socket.recv_binary().await, reversed, "{path}");
        }
        socket.send_binary("fail").await;
        let error = json!({"type": "$error", "code": "failure", "message": "it failed"});
        assert_eq!(socket.recv_json::<Value>().await, error);
        say(&mut socket, "still there").await;
        socket.send_binary("bye").await;
        let reason = socket.expect_close(4000).await.reason;
        assert_eq!(reason, if path == "/session" { "100010" } else { "7" });
        socket.expect_end().await;
    }
    assert_eq!(events.cause().await.kind, CloseKind::Local);
}

/// All kinds share one queue with the messages and keep their order.
#[tokio::test]
async fn raw_binary_and_typed_messages_keep_their_order() {
    let (log, _events) = log();
    everywhere(
        move || router(log.clone()),
        async |server| {
            for path in PATHS {
                let mut socket = server.open(path).await;
                let mut burst = Vec::new();
                for number in 0..100 {
                    burst.extend(crate::support::text(&format!(r#"{{"type":"say","text":"{number}"}}"#)));
                    burst.extend(crate::support::text("ping"));
                    burst.extend(frame(0x80 | BINARY, number.to_string().as_bytes()));
                }
                burst.extend(crate::support::close(1000, ""));
                socket.send(&burst).await;
                for number in 0..100 {
                    socket.expect_text(&format!(r#"{{"type":"said","text":"{number}"}}"#)).await;
                    socket.expect_text("pong").await;
                    let reversed: String = number.to_string().chars().rev().collect();
                    assert_eq!(socket.frame().await, Frame::whole(BINARY, reversed));
                }
                socket.expect_close(1000).await;
            }
        },
    )
    .await;
}

/// The policy of the endpoint applies only to texts that the hook leaves.
#[websocket("/strict", on_message, on_malformed = close, on_raw = quiet)]
async fn strict(_: In) {}

async fn quiet(text: &str, _: &WebSocketConnection) -> Option<()> {
    (text == "ping").then_some(())
}

#[tokio::test]
async fn on_raw_runs_before_the_policy_for_malformed_messages() {
    let config = WebSocketConfig::default().malformed_limit(0);
    let mut socket = client(Router::new().websocket_config(config).mount(strict)).connect("/strict").await;
    for _ in 0..3 {
        socket.send_text("ping").await;
    }
    socket.send(Message::Ping("there?".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("there?".into())));
    socket.send_text("pong").await;
    assert_eq!(socket.expect_close(1008).await.reason, "malformed message: invalid_json");
}
