//! User code that fails inside rooms, and unusual names of rooms and members.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use ignitia::{
    Room,
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
    testing::TestSocket,
    websocket::WebSocketConfig,
};
use serde::{Serialize, Serializer};

use super::{Connector, MARK, Seen, Tell, counts, mark, rooms_with, up_to_mark};
use crate::support::{until, within};

const ON_PURPOSE: &str = "on purpose";

/// A presence that panics when it is dropped, while it is armed.
#[derive(Debug, Default, Clone)]
struct PanickingPresence {
    armed: Arc<AtomicBool>,
    sprung: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Trapped(PanickingPresence);

impl Drop for Trapped {
    fn drop(&mut self) {
        if self.0.armed.load(Ordering::SeqCst) && !std::thread::panicking() {
            self.0.sprung.fetch_add(1, Ordering::SeqCst);
            panic!("{ON_PURPOSE}");
        }
    }
}

/// Three rooms with a member each, on a connection of its own, and one connection that is in all of
/// them with a presence that panics.
struct PanickingRooms {
    connector: Connector,
    rooms: Rooms<Tell, Trapped>,
    trap: PanickingPresence,
    socket: TestSocket,
    ws: WebSocketConnection,
    seats: Vec<Membership<Tell, Trapped>>,
}

const NAMES: [&str; 3] = ["one", "two", "three"];

impl PanickingRooms {
    async fn new() -> Self {
        let mut connector = Connector::with(
            WebSocketConfig {
                outbox_messages: 4,
                outbox_burst: 1,
                keepalive_interval: None,
                ..Default::default()
            },
            |client| client.pipe_capacity(512),
        );
        let (rooms, trap) = (Rooms::<Tell, Trapped>::new(), PanickingPresence::default());
        let (socket, ws) = connector.open().await;
        let join = |name| rooms.join_as(name, &ws, Trapped(trap.clone())).unwrap();
        let seats = NAMES.map(join).into();
        trap.armed.store(true, Ordering::SeqCst);
        Self { connector, rooms, trap, socket, ws, seats }
    }
}

impl Drop for PanickingRooms {
    fn drop(&mut self) {
        self.trap.armed.store(false, Ordering::SeqCst);
    }
}

/// The connection leaves all its rooms although the presence in the first one panics, and waits for
/// its end complete.
#[tokio::test]
async fn a_presence_that_panics_leaves_with_its_connection() {
    let field = &mut PanickingRooms::new().await;
    let (socket, ws) = field.connector.open().await;
    let socket = std::mem::replace(&mut field.socket, socket);
    let closed = tokio::spawn({
        let ws = field.ws.clone();
        async move { ws.closed().await }
    });
    tokio::task::yield_now().await;
    socket.reset();
    within("the end of the connection", closed).await.unwrap();
    assert!(field.trap.sprung.load(Ordering::SeqCst) > 0, "no presence has gone");
    until("it has left all its rooms", || field.rooms.is_empty()).await;
    // The other members are not affected.
    field.trap.armed.store(false, Ordering::SeqCst);
    let seat = field.rooms.join("one", &ws).unwrap();
    assert_eq!(counts(seat.broadcast(&Tell::number(1)).unwrap()), (1, 0, 0));
    drop(seat);
    field.seats.clear();
    assert!(field.rooms.is_empty());
}

/// Its own task drops it: that task may panic, but the membership ends.
#[tokio::test]
async fn a_presence_that_panics_leaves_with_its_membership() {
    let field = &mut PanickingRooms::new().await;
    let seat = field.seats.pop().unwrap();
    let _ = catch_unwind(AssertUnwindSafe(|| drop(seat)));
    assert_eq!(field.trap.sprung.load(Ordering::SeqCst), 1);
    assert_eq!(field.rooms.len(), 2, "{:?}", field.rooms.names());
}

/// The broadcast of another task must not panic.
#[tokio::test]
async fn a_presence_that_panics_does_not_harm_the_sender_of_a_broadcast() {
    let field = &mut PanickingRooms::new().await;
    let room = field.rooms.room("one");
    let sent = catch_unwind(AssertUnwindSafe(|| {
        // The member reads nothing, and is closed for it.
        while room.broadcast(&Tell::padded(1, 400)).unwrap().closed == 0 {}
    }));
    assert!(sent.is_ok(), "a presence of one member has hit another");
    assert!(field.trap.sprung.load(Ordering::SeqCst) > 0, "no presence has gone");
    assert_eq!(room.len(), 0);
}

/// A member that is closed for being slow leaves all its rooms at once: it gets nothing in the
/// others either.
#[tokio::test(start_paused = true)]
async fn a_member_that_is_closed_for_being_slow_leaves_all_its_rooms() {
    let config = WebSocketConfig {
        outbox_messages: 4,
        outbox_burst: 1,
        keepalive_interval: None,
        ..Default::default()
    };
    let mut connector = Connector::with(config, |client| client.pipe_capacity(512));
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let seats = NAMES.map(|name| rooms.join(name, &ws).unwrap());
    while seats[0].broadcast(&Tell::padded(1, 400)).unwrap().closed == 0 {}
    assert!(seats[0].is_empty());
    assert_eq!((seats[1].len(), seats[2].len()), (0, 0), "it is closed, and a member");
    assert!(rooms.is_empty());
}

/// A message that runs code while it is encoded.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum SideEffect<'a> {
    Tame { n: usize },
    Running { n: usize, does: Does<'a> },
}

struct Does<'a>(&'a (dyn Fn() + Send + Sync));

impl Serialize for Does<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0)();
        serializer.serialize_unit()
    }
}

fn wild_rooms<'a>() -> Rooms<SideEffect<'a>>
where
    SideEffect<'a>: 'static,
{
    Rooms::with_config(RoomConfig { history: Some(History::default()), ..Default::default() })
}

#[tokio::test]
async fn a_message_that_panics_while_it_is_encoded_reaches_no_member() {
    let mut connector = Connector::new();
    let rooms = wild_rooms();
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    let before = seat.position();
    let message = SideEffect::Running { n: 1, does: Does(&|| panic!("{ON_PURPOSE}")) };
    assert!(catch_unwind(AssertUnwindSafe(|| seat.broadcast(&message))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| seat.broadcast_to_others(&message))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| seat.send_to(seat.id().unwrap(), &message))).is_err());
    assert_eq!(seat.position(), before);
    seat.broadcast(&SideEffect::Tame { n: 2 }).unwrap();
    let seen: Seen = socket.recv_json().await;
    assert_eq!((seen.n, seen.at), (2, seat.position().map(|at| at.to_string())));
}

/// A message that is broadcast while another is encoded goes out before that one, and their
/// positions agree.
#[tokio::test]
async fn a_message_that_broadcasts_while_it_is_encoded_comes_after() {
    static ROOM: std::sync::OnceLock<Room<SideEffect<'static>>> = std::sync::OnceLock::new();
    let mut connector = Connector::new();
    let rooms = wild_rooms();
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    ROOM.get_or_init(|| rooms.room("room"));
    let does = Does(&|| {
        assert_eq!(ROOM.get().unwrap().broadcast(&SideEffect::Tame { n: 1 }).unwrap().queued, 1);
    });
    assert_eq!(seat.broadcast(&SideEffect::Running { n: 2, does }).unwrap().queued, 1);
    for n in 1..=2 {
        let seen: Seen = socket.recv_json().await;
        assert_eq!((seen.n, seen.at.unwrap().split_once('.').unwrap().1), (n, &*n.to_string()));
    }
}

/// The last member leaves while a message for it is encoded: no member gets it, and nothing is
/// left.
#[tokio::test]
async fn a_message_during_which_the_last_member_leaves_reaches_no_member() {
    static SEAT: std::sync::Mutex<Option<Membership<SideEffect<'static>>>> = std::sync::Mutex::new(None);
    let mut connector = Connector::new();
    let rooms = Rooms::<SideEffect<'static>>::new();
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    let handle = (*seat).clone();
    *SEAT.lock().unwrap() = Some(seat);
    let does = Does(&|| drop(SEAT.lock().unwrap().take()));
    assert_eq!(counts(handle.broadcast(&SideEffect::Running { n: 1, does }).unwrap()), (0, 0, 0));
    assert!(rooms.is_empty());
    mark(&ws);
    assert_eq!(socket.recv_text().await, MARK);
}

/// A key that panics fails only the one message.
#[tokio::test]
async fn a_key_that_panics_harms_no_other_message() {
    let mut connector = Connector::new();
    let overflow = Overflow::coalesce(|tell: &Tell| match tell {
        Tell::Number { n, .. } => *n,
        Tell::Padded { .. } => panic!("{ON_PURPOSE}"),
    });
    let rooms = rooms_with(RoomConfig { overflow, ..Default::default() });
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| seat.broadcast(&Tell::padded(1, 1)))).is_err());
    assert_eq!(counts(seat.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    assert_eq!(socket.recv_json::<Seen>().await.n, 2);
}

/// A name is any text; it is compared and reported unchanged.
#[tokio::test(start_paused = true)]
async fn rooms_may_have_any_name() {
    let huge = "ü".repeat(1 << 19);
    let names = [
        "",
        " ",
        "a",
        "A",
        "a ",
        "a\0",
        "\0",
        "\"},{\"type\":\"x\"",
        "\\",
        "\n\r\u{2028}",
        "\u{202e}",
        "é",
        "e\u{301}",
        "\u{10ffff}",
        "..",
        "a/b",
        &huge,
    ];
    let config = WebSocketConfig {
        outbox_messages: 2,
        outbox_burst: 1,
        keepalive_interval: None,
        ..Default::default()
    };
    let rooms = rooms_with(RoomConfig { overflow: Overflow::DropNewest, ..Default::default() });
    let mut sockets = Vec::new();
    let mut seats = Vec::new();
    for name in names {
        let mut connector = Connector::with(config.clone(), |client| client.pipe_capacity(512));
        let (socket, ws) = connector.open().await;
        seats.push(rooms.join(name, &ws).unwrap());
        sockets.push((connector, socket));
    }
    assert_eq!(rooms.len(), names.len(), "two names are one");
    let mut told: Vec<_> = rooms.names();
    told.sort();
    let mut expected = names.to_vec();
    expected.sort();
    assert!(told.iter().map(|name| &**name).eq(expected), "not the names that they were given");
    for ((name, seat), (_, socket)) in names.iter().zip(&seats).zip(&mut sockets) {
        assert_eq!((seat.name(), seat.len()), (*name, 1));
        let mut lagging = 0;
        while lagging == 0 {
            let delivered = rooms.room(*name).broadcast(&Tell::number(1)).unwrap();
            assert_eq!(delivered.queued + delivered.lagging, 1);
            lagging = delivered.lagging;
        }
        let lagged = loop {
            let next: Seen = socket.recv_json().await;
            if next.tag == "$lagged" {
                break next;
            }
        };
        assert!(lagged.room == *name && lagged.missed == 1, "{:.40?}, told of {:.40?}", name, lagged.room);
    }
    drop(seats);
    assert!(rooms.is_empty());
}

/// Member ids belong to memberships, not to rooms: the id of a member of another room is unknown
/// here.
#[tokio::test]
async fn a_member_id_of_another_room_is_unknown() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let here = rooms.join("here", &ws).unwrap();
    let there = rooms.join("there", &ws).unwrap().id().unwrap();
    let elsewhere = rooms.join("elsewhere", &ws).unwrap();
    for id in [there, elsewhere.id().unwrap()] {
        assert_eq!(counts(here.send_to(id, &Tell::number(0)).unwrap()), (0, 0, 0));
        assert_eq!(counts(here.broadcast_except(id, &Tell::number(1)).unwrap()), (1, 0, 0));
    }
    mark(&ws);
    let seen: Vec<usize> = up_to_mark(&mut socket).await.iter().map(|seen| seen.n).collect();
    assert_eq!(seen, [1, 1]);
}

/// Twice in a room, a peer gets every message twice, or a notice for each copy.
#[tokio::test(start_paused = true)]
async fn a_member_that_lags_twice_in_a_room_is_told_of_both() {
    const MESSAGES: usize = 100;
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let config = WebSocketConfig {
            outbox_messages: 8,
            outbox_burst: 1,
            keepalive_interval: None,
            ..Default::default()
        };
        let mut connector = Connector::with(config, |client| client.pipe_capacity(512));
        let rooms = rooms_with(RoomConfig { overflow, backlog: 4, ..Default::default() });
        let (mut socket, ws) = connector.open().await;
        let mut seats = [(); 2].map(|()| rooms.join("room", &ws).unwrap());
        for n in 1..=MESSAGES {
            assert_eq!(seats[0].broadcast(&Tell::padded(n, 400)).unwrap().closed, 0);
        }
        // One of them leaves while both lag: its missing messages are reported.
        seats[1].leave();
        let (mut seen, mut told) = (0, 0);
        while seen + told < 2 * MESSAGES {
            let next: Seen = socket.recv_json().await;
            told += next.missed;
            seen += usize::from(next.tag == "padded");
        }
        assert!(seen >= 8 && told > MESSAGES, "{seen} seen, {told} told");
        mark(&ws);
        assert_eq!(up_to_mark(&mut socket).await, [], "more than there was");
    }
}

/// A handler that watches its own room ends with the watch, and the watch of another with the room.
#[tokio::test]
async fn members_that_watch_each_other_all_leave() {
    const MEMBERS: usize = 10;
    let rooms = Rooms::<Tell>::new();
    let ended = Arc::new(AtomicUsize::new(0));
    let router = {
        let (rooms, ended) = (rooms.clone(), ended.clone());
        Router::new().websocket("/", move |mut ws: WebSocketConnection| {
            let (rooms, ended) = (rooms.clone(), ended.clone());
            async move {
                let seat = rooms.join("room", &ws).unwrap();
                let mut own = seat.watch();
                // This watch outlives the handler and the member.
                let mut other = seat.watch();
                tokio::spawn(async move {
                    while other.recv().await.is_some() {}
                    ended.fetch_add(1, Ordering::SeqCst);
                });
                loop {
                    tokio::select! {
                        event = own.recv() => assert!(event.is_some(), "over, with a member in it"),
                        message = ws.recv() => if message.is_none() { break },
                    }
                }
                drop(own);
                Response::ok()
            }
        })
    };
    let client = ignitia::testing::TestClient::new(router).unwrap();
    let mut sockets = Vec::new();
    for _ in 0..MEMBERS {
        sockets.push(client.connect("/").await);
    }
    until("all are in", || rooms.room("room").len() == MEMBERS).await;
    while let Some(socket) = sockets.pop() {
        if sockets.len() % 2 == 0 {
            drop(socket)
        } else {
            socket.reset()
        }
        until("it has left", || rooms.room("room").len() == sockets.len()).await;
    }
    assert!(rooms.is_empty());
    drop((client, rooms));
    until("every watch is over", || ended.load(Ordering::SeqCst) == MEMBERS).await;
}
