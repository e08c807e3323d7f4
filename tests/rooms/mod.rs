//! Rooms: members, broadcasts, histories, watches, and members that cannot be sent everything.

mod bounds;
mod broadcasting;
mod bursts;
mod churn;
mod crowds;
mod direct_writes;
mod draining;
mod following;
mod foreign_code;
mod history;
mod joining;
mod keys;
mod leaving;
mod ordering;
mod overflow;
mod reentrancy;
mod resume;
mod returning_clients;
mod scrolling;
mod several;
mod sockets;
mod transient;
mod watching;
mod watching_all;

use ignitia::{
    prelude::*,
    rooms::{Delivered, RoomConfig, RoomEvent, RoomWatch},
    testing::{TestClient, TestSocket},
    websocket::WebSocketConfig,
};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::support::{DEADLINE, within};

/// Message of most tests: its source, and its number there.
#[derive(Debug, Clone, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Number { from: usize, n: usize },
    Padded { n: usize, padding: String },
}

impl Tell {
    fn number(n: usize) -> Self {
        Self::Number { from: 0, n }
    }

    fn padded(n: usize, bytes: usize) -> Self {
        Self::Padded { n, padding: "x".repeat(bytes) }
    }
}

/// A message as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
struct Seen {
    #[serde(rename = "type")]
    tag: String,
    #[serde(rename = "$at")]
    at: Option<String>,
    #[serde(default)]
    from: usize,
    #[serde(default)]
    n: usize,
    #[serde(default)]
    missed: usize,
    #[serde(default)]
    room: String,
}

/// Opens connections whose server ends are in the hands of the test.
struct Connector {
    client: TestClient,
    opened: mpsc::UnboundedReceiver<WebSocketConnection>,
}

impl Connector {
    fn new() -> Self {
        Self::with(WebSocketConfig::default(), |client| client)
    }

    fn with(config: WebSocketConfig, client: impl FnOnce(TestClient) -> TestClient) -> Self {
        let (open, opened) = mpsc::unbounded_channel();
        let handler = move |mut ws: WebSocketConnection| {
            let open = open.clone();
            async move {
                ws.accept().await.unwrap();
                open.send(ws.clone()).unwrap();
                while ws.recv().await.is_some() {}
                Response::ok()
            }
        };
        let router = Router::new().websocket("/", handler).websocket_config(config);
        Self { client: client(TestClient::new(router).unwrap()), opened }
    }

    /// Returns both ends of a new connection.
    async fn open(&mut self) -> (TestSocket, WebSocketConnection) {
        let socket = self.client.connect("/").await;
        (socket, self.opened.recv().await.unwrap())
    }
}

fn rooms_with(config: RoomConfig<Tell>) -> Rooms<Tell> {
    Rooms::with_config(config)
}

/// Returns the result of a broadcast: queued, lagging, closed.
fn counts(delivered: Delivered) -> (usize, usize, usize) {
    (delivered.queued, delivered.lagging, delivered.closed)
}

/// Text that marks the end of the messages to look at.
const MARK: &str = r#"{"type":"mark"}"#;

/// Sends [`MARK`] to a connection, outside of all rooms.
fn mark(ws: &WebSocketConnection) {
    ws.try_send(Message::from(MARK)).unwrap();
}

/// Returns the messages before the mark.
async fn up_to_mark(socket: &mut TestSocket) -> Vec<Seen> {
    let mut seen = Vec::new();
    loop {
        let next: Seen = socket.recv_json().await;
        if next.tag == "mark" {
            return seen;
        }
        seen.push(next);
    }
}

/// Returns the parts of an event that are the same in every run: its kind, and the id of its
/// member.
async fn event<P>(watch: &mut RoomWatch<P>) -> (&'static str, u64) {
    match within("an event", watch.recv()).await {
        Some(RoomEvent::Joined(member)) => ("joined", member.id.get()),
        Some(RoomEvent::Left(member)) => ("left", member.id.get()),
        Some(RoomEvent::Changed(member)) => ("changed", member.id.get()),
        Some(RoomEvent::Missed(events)) => ("missed", events),
        None => ("over", 0),
        other => panic!("an unknown event: {}", other.is_some()),
    }
}

/// Runs a test on a thread of its own, so that a deadlock fails it instead of hanging.
fn without_deadlock<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, over) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test());
        drop(runtime);
        done.send(()).unwrap();
    });
    match over.recv_timeout(DEADLINE) {
        Ok(()) => {}
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("a deadlock"),
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => panic!("it panicked: see above"),
    }
}
