//! User code that calls into rooms from wherever it runs: nothing deadlocks.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
    testing::TestClient,
    websocket::{CloseCause, WebSocketConfig},
};
use serde::{Serialize, Serializer};

use super::{Connector, Tell, counts, rooms_with, without_deadlock};
use crate::support::{DEADLINE, until};

/// The rooms for code without arguments, such as `Drop`: every test has a process of its own.
static ROOMS: OnceLock<Rooms<CallingMessage, CallingPresence>> = OnceLock::new();
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Calls everything that rooms offer without a connection.
fn call_everything() {
    let Some(rooms) = ROOMS.get() else { return };
    CALLS.fetch_add(1, Ordering::SeqCst);
    let room = rooms.room("room");
    let _ = (rooms.len(), rooms.names(), room.len(), room.members().len(), room.position());
    drop(room.watch());
    drop(rooms.reserve("room"));
    let _ = room.broadcast(&CallingMessage::Quiet);
    let _ = rooms.room("another").broadcast(&CallingMessage::Quiet);
    for member in room.members() {
        let _ = room.send_to(member.id, &CallingMessage::Quiet);
    }
}

/// A message that calls into the rooms while it is encoded.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum CallingMessage {
    Quiet,
    Prying { look: Look },
}

struct Look;

impl Serialize for Look {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        call_everything();
        serializer.serialize_unit()
    }
}

/// A presence that calls into the rooms when it is dropped.
#[derive(Default)]
struct CallingPresence;

impl Drop for CallingPresence {
    fn drop(&mut self) {
        call_everything();
    }
}

fn calling_rooms(config: RoomConfig<CallingMessage>) -> &'static Rooms<CallingMessage, CallingPresence> {
    ROOMS.get_or_init(|| Rooms::with_config(config))
}

#[test]
fn the_drop_of_a_presence_may_call_into_rooms() {
    without_deadlock(|| async {
        let mut connector = Connector::new();
        let rooms = calling_rooms(RoomConfig::default());
        let (_socket, ws) = connector.open().await;
        let mut membership = rooms.join("room", &ws).unwrap();
        membership.set_presence(CallingPresence);
        membership.leave();
        membership.enter(&ws).unwrap();
        membership.enter(&ws).unwrap();
        let members = membership.members();
        drop(membership);
        drop(members);
        let (socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        drop(socket);
        ws.closed().await;
        until("it has left", || rooms.is_empty()).await;
        membership.set_presence(CallingPresence);
        // It cannot join.
        assert!(rooms.join("room", &ws).is_err());
        assert!(CALLS.load(Ordering::SeqCst) >= 7);
    });
}

/// The same with a watch: its events hold presences, and the oldest are dropped.
#[test]
fn the_drop_of_a_presence_in_an_event_may_call_into_rooms() {
    without_deadlock(|| async {
        let mut connector = Connector::new();
        let rooms = calling_rooms(RoomConfig::default());
        let (_socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        let _watch = membership.watch();
        for _ in 0..1_000 {
            membership.set_presence(CallingPresence);
        }
    });
}

/// The watch itself is dropped, or continues after it was too slow.
#[test]
fn the_drop_of_a_watch_may_call_into_rooms() {
    for events in [1, 255, 256, 257] {
        without_deadlock(move || async move {
            let mut connector = Connector::new();
            let rooms = Rooms::<Tell, Arc<CallingPresence>>::new();
            let (_socket, ws) = connector.open().await;
            calling_rooms(RoomConfig::default());
            let membership = rooms.join_as("room", &ws, Arc::new(CallingPresence)).unwrap();
            for reads in [0, 1] {
                let mut watch = membership.watch();
                for _ in 0..events {
                    membership.set_presence(Arc::new(CallingPresence));
                }
                for _ in 0..reads {
                    watch.recv().await;
                }
                drop(watch);
            }
        });
    }
}

#[test]
fn the_serialization_of_a_message_may_call_into_rooms() {
    let config = |name: &str| RoomConfig::default().history((name == "room").then(History::default));
    let rooms = ROOMS.get_or_init(|| Rooms::with_config_by_name(config));
    without_deadlock(|| async {
        let mut connector = Connector::new();
        let (_socket, ws) = connector.open().await;
        for name in ["room", "another"] {
            let membership = rooms.join(name, &ws).unwrap();
            membership.broadcast(&CallingMessage::Prying { look: Look }).unwrap();
            membership.broadcast_to_others(&CallingMessage::Prying { look: Look }).unwrap();
            membership.send_to(membership.id().unwrap(), &CallingMessage::Prying { look: Look }).unwrap();
            drop(membership);
            rooms.room(name).broadcast(&CallingMessage::Prying { look: Look }).unwrap();
        }
    });
}

/// Overflow rules and keys are user code, too.
#[test]
fn overflow_rules_and_keys_may_call_into_rooms() {
    static TOLD: OnceLock<Rooms<Tell>> = OnceLock::new();
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let call_everything = |name: &str| {
        if let Some(rooms) = TOLD.get()
            && name == "room"
        {
            ASKED.fetch_add(1, Ordering::SeqCst);
            let room = rooms.room("another");
            let _ = (rooms.len(), room.len(), room.broadcast(&Tell::number(0)));
            let _ = rooms.names();
        }
    };
    TOLD.get_or_init(|| {
        Rooms::with_config_by_name(move |name| {
            call_everything(name);
            let name = name.to_owned();
            let overflow = Overflow::coalesce(move |_: &Tell| call_everything(&name));
            RoomConfig::default().overflow(overflow).history(History::default())
        })
    });
    without_deadlock(|| async {
        let mut connector = Connector::new();
        let rooms = TOLD.get().unwrap();
        let (_socket, ws) = connector.open().await;
        let mut membership = rooms.join("room", &ws).unwrap();
        membership.broadcast(&Tell::number(1)).unwrap();
        membership.enter(&ws).unwrap();
        drop(membership);
    });
    assert!(ASKED.load(Ordering::SeqCst) > 0);
}

/// A waker of the user, woken by a broadcast that closes the member.
#[test]
fn a_waker_may_call_into_rooms() {
    struct Curious(Rooms<Tell>);
    impl Wake for Curious {
        fn wake(self: Arc<Self>) {
            CALLS.fetch_add(1, Ordering::SeqCst);
            let _ = (self.0.len(), self.0.room("room").len());
        }
    }
    without_deadlock(|| async {
        let config = WebSocketConfig::default().outbox_messages(4).outbox_burst(1);
        let mut connector = Connector::with(config, |client| client.pipe_capacity(1));
        let rooms = rooms_with(RoomConfig::default());
        let (_socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        for n in 0..4 {
            membership.broadcast(&Tell::number(n)).unwrap();
            ws.try_send(Message::Text("what handlers send has limits of its own".into())).unwrap();
        }
        let waker = Waker::from(Arc::new(Curious(rooms.clone())));
        let mut send = Box::pin(ws.send_text("one too many"));
        assert!(matches!(send.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending));
        assert_eq!(counts(membership.broadcast(&Tell::number(4)).unwrap()), (0, 0, 1));
        assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    });
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Again { n: usize },
}

/// A session that calls into rooms in every hook.
struct Busy {
    rooms: Rooms<Tell>,
    name: String,
    here: Membership<Tell>,
    there: Option<Membership<Tell>>,
}

#[websocket("/busy/<name>", message = Ask, reply = Tell)]
impl Busy {
    async fn accept(name: String, rooms: Rooms<Tell>) -> Self {
        rooms.room("log").broadcast(&Tell::number(1)).unwrap();
        let here = rooms.reserve(name.clone());
        here.broadcast(&Tell::number(2)).unwrap();
        Self { rooms, name, here, there: None }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        self.here.enter(ws)?;
        self.here.broadcast(&Tell::number(3))?;
        self.there = Some(self.rooms.join("there", ws)?);
        Ok(())
    }

    #[on(Again { n })]
    async fn again(&mut self, n: usize, ws: &WebSocketConnection) -> Result<()> {
        self.here.broadcast(&Tell::number(n))?;
        self.there = None;
        self.here.leave();
        self.here.enter(ws)?;
        self.there = Some(self.rooms.join("there", ws)?);
        self.rooms.room("there").broadcast(&Tell::number(n + 1))?;
        Ok(())
    }

    async fn on_close(mut self, _: CloseCause, ws: &WebSocketConnection) {
        assert!(self.here.enter(ws).unwrap_err().is_closed());
        self.here.broadcast(&Tell::number(5)).unwrap();
        self.rooms.room("log").broadcast(&Tell::Number { from: self.name.len(), n: 6 }).unwrap();
        self.there = None;
    }
}

#[test]
fn every_hook_of_a_session_may_call_into_rooms() {
    without_deadlock(|| async {
        let rooms = Rooms::<Tell>::new();
        let mut connector = Connector::new();
        let (mut log_socket, log) = connector.open().await;
        let _log = rooms.join("log", &log).unwrap();
        let router = Router::new().state(rooms.clone()).mount_session::<Busy>();
        let client = TestClient::new(router).unwrap();
        let mut socket = client.connect("/busy/ann").await;
        assert_eq!(socket.recv_json::<super::Seen>().await.n, 3);
        for n in [10, 20, 30] {
            socket.send_json(&serde_json::json!({ "type": "again", "n": n })).await;
            assert_eq!(socket.recv_json::<super::Seen>().await.n, n);
            assert_eq!(socket.recv_json::<super::Seen>().await.n, n + 1);
        }
        socket.close(1000, "").await;
        socket.expect_close(1000).await;
        assert_eq!(log_socket.recv_json::<super::Seen>().await.n, 1);
        let last: super::Seen = log_socket.recv_json().await;
        assert_eq!((last.from, last.n), (3, 6));
        until("only the log is left", || rooms.len() == 1).await;
    });
}

/// Many sessions at once on several threads, as much in conflict as possible.
#[test]
fn many_sessions_may_call_into_rooms_at_once() {
    let (done, over) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let rooms = Rooms::<Tell>::new();
            let router = Router::new().state(rooms.clone()).mount_session::<Busy>();
            let client = TestClient::new(router).unwrap();
            let mut peers = tokio::task::JoinSet::new();
            for n in 0..16 {
                let client = client.clone();
                peers.spawn(async move {
                    for round in 0..10 {
                        let mut socket = client.connect(&format!("/busy/{}", (n + round) % 3)).await;
                        for again in 0..10 {
                            socket.send_json(&serde_json::json!({ "type": "again", "n": again })).await;
                            socket.recv_text().await;
                        }
                        if round % 2 == 0 { socket.reset() } else { drop(socket) }
                    }
                });
            }
            while let Some(peer) = peers.join_next().await {
                peer.unwrap();
            }
            until("all have left", || rooms.is_empty()).await;
        });
        done.send(()).unwrap();
    });
    over.recv_timeout(DEADLINE).expect("a deadlock, or a panic");
}
