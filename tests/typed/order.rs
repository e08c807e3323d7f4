//! Order of messages, and the messages before the end.

use std::time::Duration;

use ignitia::{ClientMessage, ServerMessage, TypedConnection, prelude::*, testing::TestSocket};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::support::{End, client, close, everywhere, text};

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Wait { number: u32, micros: u64 },
    End,
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Waited { number: u32 },
}

async fn wait(number: u32, micros: u64) -> Out {
    match micros {
        0 => {}
        1 => tokio::task::yield_now().await,
        _ => sleep(Duration::from_micros(micros)).await,
    }
    Out::Waited { number }
}

#[websocket("/function", on_message)]
async fn function(message: In) -> Option<Out> {
    match message {
        In::Wait { number, micros } => Some(wait(number, micros).await),
        In::End => None,
    }
}

#[websocket("/typed")]
async fn typed(mut ws: TypedConnection<In, Out>) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if let Ok(In::Wait { number, micros }) = message {
            ws.send(&wait(number, micros).await).await?;
        }
    }
    Ok(Response::ok())
}

#[derive(Default)]
struct Session {
    handled: u32,
}

#[websocket("/session", message = In, reply = Out)]
impl Session {
    async fn accept() -> Self {
        Self::default()
    }

    #[on(Wait { number, micros })]
    async fn wait(&mut self, number: u32, micros: u64) -> Out {
        let before = self.handled;
        let out = wait(number, micros).await;
        assert_eq!(before, self.handled, "two messages at a time");
        self.handled += 1;
        out
    }

    #[on(End)]
    async fn end(&mut self) {}
}

const PATHS: [&str; 3] = ["/function", "/typed", "/session"];

fn router() -> Router {
    Router::new().mount(function).mount(typed).mount_session::<Session>()
}

fn message(number: u32, micros: u64) -> String {
    format!(r#"{{"type":"wait","micros":{micros},"number":{number}}}"#)
}

/// Returns messages that take different times, as frames.
fn burst(messages: u32) -> Vec<u8> {
    (0..messages).flat_map(|number| text(&message(number, u64::from(number * 7_919 % 5_003)))).collect()
}

async fn expect_numbers(socket: &mut TestSocket, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let reply: Value = socket.recv_json().await;
        assert_eq!(reply, json!({"type": "waited", "number": number}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_pipelined_messages_are_answered_in_order() {
    for path in PATHS {
        let mut socket = client(router()).connect(path).await;
        socket.send_bytes(&burst(1_000)).await;
        expect_numbers(&mut socket, 0..1_000).await;
        socket.close(1000, "").await;
        socket.expect_close(1000).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_before_a_close_frame_is_answered_first() {
    for path in PATHS {
        for messages in [1, 2, 63, 64, 65, 300] {
            let mut socket = client(router()).connect(path).await;
            socket.send_bytes(&[burst(messages), close(4002, "enough")].concat()).await;
            expect_numbers(&mut socket, 0..messages).await;
            assert_eq!(socket.expect_close(4002).await.reason, "enough", "{path} {messages}");
            socket.expect_end().await;
        }
    }
}

/// The same over a real socket, with a handler that never waits.
#[tokio::test]
async fn a_burst_before_a_close_frame_is_answered_first_over_sockets() {
    everywhere(router, async |server| {
        for path in PATHS {
            let mut socket = server.open(path).await;
            let burst: Vec<u8> =
                (0..500).flat_map(|number| text(&message(number, u64::from(number % 3)))).collect();
            socket.send(&[burst, close(1000, "")].concat()).await;
            for number in 0..500 {
                socket.expect_text(&format!(r#"{{"type":"waited","number":{number}}}"#)).await;
            }
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_burst_before_the_end_of_the_transport_is_answered_first() {
    for path in PATHS {
        for messages in [1, 64, 65, 300] {
            let mut socket = client(router()).connect(path).await;
            socket.send_bytes(&burst(messages)).await;
            socket.half_close().await;
            expect_numbers(&mut socket, 0..messages).await;
            socket.expect_close(1002).await;
            socket.expect_end().await;
        }
    }
}

/// Malformed messages are answered in order.
#[tokio::test(start_paused = true)]
async fn errors_keep_the_order() {
    for path in ["/function", "/session"] {
        let mut socket = client(router()).connect(path).await;
        let frames: Vec<u8> =
            (0..10).flat_map(|number| [text(&message(number, 1_000)), text("?")].concat()).collect();
        socket.send_bytes(&[frames, close(1000, "")].concat()).await;
        for number in 0..10 {
            expect_numbers(&mut socket, [number]).await;
            assert_eq!(socket.recv_json::<Value>().await["code"], "invalid_json");
        }
        socket.expect_close(1000).await;
    }
}

/// The last message is still being handled when the close frame comes.
#[tokio::test(start_paused = true)]
async fn the_close_waits_for_a_slow_handler() {
    for path in PATHS {
        let mut socket = client(router()).connect(path).await;
        let start = Instant::now();
        socket.send_text(message(1, 3_000_000)).await;
        sleep(Duration::from_secs(1)).await;
        socket.close(4002, "").await;
        expect_numbers(&mut socket, [1]).await;
        socket.expect_close(4002).await;
        assert_eq!(start.elapsed().as_secs(), 3, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_close_does_not_wait_for_ever() {
    for path in PATHS {
        let mut socket = client(router()).connect(path).await;
        socket.set_deadline(Duration::from_secs(60));
        socket.send_text(message(1, 50_000_000)).await;
        sleep(Duration::from_secs(1)).await;
        let start = Instant::now();
        socket.close(4002, "").await;
        socket.expect_close(4002).await;
        let waited = start.elapsed();
        assert!((Duration::from_secs(5)..Duration::from_secs(6)).contains(&waited), "{path}: {waited:?}");
        socket.expect_end().await;
    }
}

/// Pings are answered while a message is being handled.
#[tokio::test(start_paused = true)]
async fn pings_do_not_wait_for_the_handler() {
    for path in PATHS {
        let mut socket = client(router()).connect(path).await;
        let start = Instant::now();
        socket.send_text(message(1, 4_000_000)).await;
        socket.send(Message::Ping("there?".into())).await;
        assert_eq!(socket.recv().await, Some(Message::Pong("there?".into())));
        assert!(start.elapsed() < Duration::from_secs(1));
        expect_numbers(&mut socket, [1]).await;
    }
}

/// A message in fragments, with a ping in between, is one message.
#[tokio::test]
async fn fragments_are_one_message() {
    use crate::support::{PING, TEXT, frame};
    for path in PATHS {
        let mut socket = client(router()).connect(path).await;
        let message = message(1, 0);
        let (start, end) = message.split_at(10);
        let frames =
            [frame(TEXT, start.as_bytes()), frame(0x80 | PING, b""), frame(0x80, end.as_bytes())].concat();
        socket.send_bytes(&frames).await;
        expect_numbers(&mut socket, [1]).await;
    }
}

/// Connections do not wait for each other.
#[tokio::test(start_paused = true)]
async fn other_connections_do_not_wait_for_the_handler() {
    for path in PATHS {
        let client = client(router());
        let mut slow = client.connect(path).await;
        let mut fast = client.connect(path).await;
        let start = Instant::now();
        slow.send_text(message(1, 4_000_000)).await;
        for number in 0..100 {
            fast.send_text(message(number, 0)).await;
            expect_numbers(&mut fast, [number]).await;
        }
        assert!(start.elapsed() < Duration::from_secs(1));
        expect_numbers(&mut slow, [1]).await;
    }
}
