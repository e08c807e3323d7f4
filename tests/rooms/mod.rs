//! Rooms: who is in them, what members are sent, and what they are told when they cannot be sent everything.

mod bounds;
mod broadcasting;
mod bursts;
mod churn;
mod crowds;
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
mod scrolling;
mod several;
mod sockets;
mod transient;
mod watching;
mod watching_all;

use std::{alloc::System, time::Duration};

use ignitia::{
    prelude::*,
    rooms::{Delivered, RoomConfig, RoomEvent, Watch},
    testing::{TestClient, TestSocket},
    websocket::WebSocketConfig,
};
use serde::Serialize;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::sync::mpsc;

/// Counts what the process has on the heap.
#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Whether this process runs this test alone: the heap is the process's, and the others' share of it would be counted too.
/// If it does not, one is started that does, and this one has nothing left to do.
pub(crate) fn is_alone(test: &str) -> bool {
    const ALONE: &str = "IGNITIA_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let run = std::process::Command::new(program).args([test, "--exact"]).env(ALONE, "1").output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("1 passed"), "there is no test `{test}`: {said}");
    false
}

/// Bytes on the heap.
pub(crate) fn heap() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// What the rooms of most tests send: where it comes from, and its number there.
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

/// What a client sees of it.
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

/// Connections whose server ends are in the test's hands.
struct House {
    client: TestClient,
    opened: mpsc::UnboundedReceiver<WebSocketConnection>,
}

impl House {
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

    /// Both ends of a new connection.
    async fn guest(&mut self) -> (TestSocket, WebSocketConnection) {
        let socket = self.client.connect("/").await;
        (socket, self.opened.recv().await.unwrap())
    }
}

fn rooms_with(config: RoomConfig<Tell>) -> Rooms<Tell> {
    Rooms::with_config(config)
}

/// What came of a broadcast: queued, lagging, closed.
fn counts(delivered: Delivered) -> (usize, usize, usize) {
    (delivered.queued, delivered.lagging, delivered.closed)
}

/// The text that says that nothing of interest came before it.
const MARK: &str = r#"{"type":"mark"}"#;

/// Says [`MARK`] to a connection, outside of all rooms.
fn mark(ws: &WebSocketConnection) {
    ws.try_send(Message::from(MARK)).unwrap();
}

/// What comes up to the mark.
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

/// An event, as far as it is the same every time: what happened, and to whose membership.
async fn event<P>(watch: &mut Watch<P>) -> (&'static str, u64) {
    match within(watch.recv()).await {
        Some(RoomEvent::Joined(member)) => ("joined", member.id.get()),
        Some(RoomEvent::Left(member)) => ("left", member.id.get()),
        Some(RoomEvent::Changed(member)) => ("changed", member.id.get()),
        Some(RoomEvent::Missed(events)) => ("missed", events),
        None => ("over", 0),
        other => panic!("an unknown event: {}", other.is_some()),
    }
}

/// Waits until a condition holds that other tasks bring about.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing happened")
}

const PATIENCE: Duration = Duration::from_secs(8);

/// Runs a test on a thread of its own, so that a deadlock fails it instead of hanging.
fn without_deadlock<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, over) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test());
        drop(runtime);
        done.send(()).unwrap();
    });
    match over.recv_timeout(PATIENCE) {
        Ok(()) => {}
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("a deadlock"),
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => panic!("it panicked: see above"),
    }
}

/// A small deterministic source of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}
