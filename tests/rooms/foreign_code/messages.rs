//! Messages and keys that run user code while they are encoded.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ignitia::{
    Room,
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
};
use serde::{Serialize, Serializer};

use super::ON_PURPOSE;
use crate::rooms::{Connector, MARK, Seen, Tell, counts, mark, rooms_with};

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
    Rooms::with_config(RoomConfig::default().history(History::default()))
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
    let rooms = rooms_with(RoomConfig::default().overflow(overflow));
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| seat.broadcast(&Tell::padded(1, 1)))).is_err());
    assert_eq!(counts(seat.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    assert_eq!(socket.recv_json::<Seen>().await.n, 2);
}
