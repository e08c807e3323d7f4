//! Members over real WebSockets, which record what they receive.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tests::engine_app::Ask;
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::wait::within;

/// Way in which a member enters a room.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) room: String,
    pub(crate) name: String,
    pub(crate) key: Option<String>,
    /// Position that it shows.
    pub(crate) at: Option<String>,
}

/// Member of a room.
pub(crate) struct Member {
    asks: mpsc::UnboundedSender<Message>,
    record: watch::Receiver<MemberRecord>,
    task: JoinHandle<()>,
}

/// Messages that a member has received.
#[derive(Debug, Default)]
pub(crate) struct MemberRecord {
    pub(crate) messages: Vec<Value>,
    /// Close code and reason, or 1006, once the connection has ended.
    pub(crate) end: Option<(u16, String)>,
}

impl Visit {
    pub(crate) fn new(room: &str, name: &str) -> Self {
        Self { room: room.to_owned(), name: name.to_owned(), key: None, at: None }
    }

    /// Sets the key.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Sets the position that is shown.
    pub(crate) fn at(mut self, at: impl Into<Option<String>>) -> Self {
        self.at = at.into();
        self
    }

    fn url(&self, addr: SocketAddr) -> String {
        let Self { room, name, key, at } = self;
        let mut query = Vec::new();
        query.extend(key.iter().map(|key| format!("key={key}")));
        query.extend(at.iter().map(|at| format!("$at={at}")));
        format!("ws://{addr}/rooms/{room}/{name}?{}", query.join("&"))
    }

    /// Opens the WebSocket; an error text if that fails.
    pub(crate) async fn open_socket(&self, addr: SocketAddr) -> Result<WebSocketStream<TcpStream>, String> {
        let stream = TcpStream::connect(addr).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        let opened = tokio_tungstenite::client_async(self.url(addr), stream).await;
        opened.map(|(socket, _)| socket).map_err(|error| error.to_string())
    }

    /// Connects; an error text if that fails.
    pub(crate) async fn try_connect(&self, addr: SocketAddr) -> Result<Member, String> {
        let socket = self.open_socket(addr).await?;
        let (asks, to_send) = mpsc::unbounded_channel();
        let (sender, record) = watch::channel(MemberRecord::default());
        let task = tokio::spawn(run(socket, to_send, sender));
        Ok(Member { asks, record, task })
    }

    /// Connects, and waits until the member is in: a mark is answered behind its entrance.
    pub(crate) async fn enter(&self, addr: SocketAddr) -> Member {
        let mut member = within("a connection", self.try_connect(addr)).await.unwrap();
        member.mark().await;
        member
    }
}

impl Member {
    pub(crate) fn ask(&self, ask: &Ask) {
        // A member whose connection has ended is not heard.
        let _ = self.asks.send(Message::text(serde_json::to_string(ask).unwrap()));
    }

    /// Waits until everything has arrived that was sent before.
    pub(crate) async fn mark(&mut self) {
        let marks = |record: &MemberRecord| count(record, "mark");
        let before = marks(&self.record.borrow());
        self.ask(&Ask::Mark);
        self.wait("a mark", |record| marks(record) > before).await;
    }

    /// Returns true if everything has arrived that was sent before, or the connection has ended.
    pub(crate) async fn try_mark(&mut self) -> bool {
        let before = self.count("mark");
        self.ask(&Ask::Mark);
        let wait = self.record.wait_for(|record| count(record, "mark") > before || record.end.is_some());
        within("a mark, or the end", wait).await.is_ok()
    }

    /// Waits until the record has this.
    pub(crate) async fn wait(&mut self, what: &str, mut holds: impl FnMut(&MemberRecord) -> bool) {
        let wait = self.record.wait_for(|record| holds(record) || record.end.is_some());
        let is_there = within(what, wait).await.map(|record| record.end.is_none()).unwrap();
        let record = self.record.borrow();
        let MemberRecord { messages, end } = &*record;
        let last = &messages[messages.len().saturating_sub(5)..];
        assert!(is_there || holds(&record), "{what}: the connection has ended: {end:?}, after {last:?}");
    }

    /// Waits for the end of the connection; returns the close code and the reason.
    pub(crate) async fn end(&mut self) -> (u16, String) {
        let wait = self.record.wait_for(|record| record.end.is_some());
        within("the end of a connection", wait).await.unwrap().end.clone().unwrap()
    }

    /// Waits for the reply to a number; `Ok` with the position if it was accepted.
    pub(crate) async fn reply(&mut self, n: u64) -> Result<Option<String>, String> {
        let find = |record: &MemberRecord| {
            record
                .messages
                .iter()
                .rev()
                .find(|message| {
                    message["n"] == n && (message["type"] == "accepted" || message["type"] == "refused")
                })
                .cloned()
        };
        self.wait("a reply", |record| find(record).is_some()).await;
        let reply = find(&self.record.borrow()).unwrap();
        match reply["type"] == "accepted" {
            true => Ok(reply["at"].as_str().map(str::to_owned)),
            false => Err(reply["text"].as_str().unwrap().to_owned()),
        }
    }

    /// Waits for so many numbers of the room; returns all of them.
    pub(crate) async fn numbers(&mut self, count: usize) -> Vec<u64> {
        self.wait("numbers", |record| numbers(record).len() >= count).await;
        numbers(&self.record.borrow())
    }

    /// Waits for this number; returns all up to it and behind it.
    pub(crate) async fn numbers_up_to(&mut self, n: u64) -> Vec<u64> {
        self.wait("a number", |record| numbers(record).contains(&n)).await;
        numbers(&self.record.borrow())
    }

    /// Returns the messages that are no replies.
    pub(crate) fn told(&self) -> Vec<Value> {
        let replies = ["accepted", "refused", "mark"];
        let is_told = |message: &&Value| !replies.contains(&message["type"].as_str().unwrap());
        self.record.borrow().messages.iter().filter(is_told).cloned().collect()
    }

    /// Waits for a message of this type; returns the first.
    pub(crate) async fn first(&mut self, kind: &str) -> Value {
        self.wait(kind, |record| count(record, kind) > 0).await;
        self.told().into_iter().find(|message| message["type"] == kind).unwrap()
    }

    /// Returns the number of messages of this type.
    pub(crate) fn count(&self, kind: &str) -> usize {
        count(&self.record.borrow(), kind)
    }

    /// Returns the last position that it has seen.
    pub(crate) fn last_at(&self) -> Option<String> {
        let record = self.record.borrow();
        record.messages.iter().rev().find_map(|message| message["$at"].as_str()).map(str::to_owned)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.record.borrow().end.is_none()
    }
}

/// Resets the connection.
impl Drop for Member {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn count(record: &MemberRecord, kind: &str) -> usize {
    record.messages.iter().filter(|message| message["type"] == kind).count()
}

fn numbers(record: &MemberRecord) -> Vec<u64> {
    let said = record.messages.iter().filter(|message| message["type"] == "said");
    said.map(|message| message["n"].as_u64().unwrap()).collect()
}

async fn run(
    mut socket: WebSocketStream<TcpStream>,
    mut to_send: mpsc::UnboundedReceiver<Message>,
    record: watch::Sender<MemberRecord>,
) {
    let end = loop {
        tokio::select! {
            next = socket.next() => match next {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text).unwrap();
                    record.send_modify(|record| record.messages.push(message));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    break (frame.code.into(), frame.reason.as_str().to_owned());
                }
                Some(Ok(Message::Close(None))) => break (1005, String::new()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break (1006, String::new()),
            },
            Some(message) = to_send.recv() => {
                if socket.send(message).await.is_err() {
                    break (1006, String::new());
                }
            }
        }
    };
    // The rest of the closing handshake.
    let _ = socket.close(None).await;
    record.send_modify(|record| record.end = Some(end));
}
