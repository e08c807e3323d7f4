//! Presences that panic when they are dropped.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use ignitia::{prelude::*, testing::TestSocket, websocket::WebSocketConfig};

use super::ON_PURPOSE;
use crate::{
    rooms::{Connector, Tell, counts},
    support::{until, within},
};

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
            WebSocketConfig::default().outbox_messages(4).outbox_burst(1).keepalive_interval(None),
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
    let config = WebSocketConfig::default().outbox_messages(4).outbox_burst(1).keepalive_interval(None);
    let mut connector = Connector::with(config, |client| client.pipe_capacity(512));
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let seats = NAMES.map(|name| rooms.join(name, &ws).unwrap());
    while seats[0].broadcast(&Tell::padded(1, 400)).unwrap().closed == 0 {}
    assert!(seats[0].is_empty());
    assert_eq!((seats[1].len(), seats[2].len()), (0, 0), "it is closed, and a member");
    assert!(rooms.is_empty());
}
