//! Sessions: `#[websocket("/path", message = ..)]` on `impl` blocks.

mod clocks;
mod events;
mod handlers;
mod handshake;
mod life_cycle;
mod on_close;
mod other_input;

use ignitia::{ClientMessage, ServerMessage, prelude::*, testing::TestSocket, websocket::CloseCause};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::within;

/// Events of a session, reported to the test.
#[derive(Debug, PartialEq)]
enum Event {
    Accepting,
    Accepted,
    Opened,
    Heard(String),
    Closing(CloseCause),
    Closed,
    Dropped,
}

#[derive(Clone, Debug)]
struct EventLog(UnboundedSender<Event>);

impl EventLog {
    fn say(&self, event: Event) {
        // The test may be over.
        let _ = self.0.send(event);
    }
}

struct Events(UnboundedReceiver<Event>);

fn log() -> (EventLog, Events) {
    let (sender, receiver) = unbounded_channel();
    (EventLog(sender), Events(receiver))
}

impl Events {
    async fn next(&mut self) -> Event {
        within("an event", self.0.recv()).await.expect("all sessions are gone")
    }

    /// Returns the cause given to the next `on_close`, and skips other events.
    async fn cause(&mut self) -> CloseCause {
        loop {
            if let Event::Closing(cause) = self.next().await {
                return cause;
            }
        }
    }

    /// Returns all events up to now.
    fn so_far(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Say { text: String },
    Wait { millis: u64 },
    Leave,
    Fail,
    Panic,
    Stuck,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Said { text: String },
    Waited,
}

async fn say(socket: &mut TestSocket, text: &str) {
    socket.send_text(format!(r#"{{"type":"say","text":"{text}"}}"#)).await;
    let said: serde_json::Value = socket.recv_json().await;
    assert_eq!(said, json!({"type": "said", "text": text}));
}
