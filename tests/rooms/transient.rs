//! Messages that a room with a history does not remember.

use ignitia::{
    prelude::*,
    rooms::{History, ResumeOutcome, RoomConfig},
};
use serde::Serialize;

use super::{Connector, Seen, mark, up_to_mark};

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Number {
        n: usize,
    },
    #[message(transient)]
    Typing {
        n: usize,
    },
    #[message(transient)]
    Idle,
}

fn remembering<T: 'static>(messages: usize) -> Rooms<T> {
    let history = Some(History::default().messages(messages));
    Rooms::with_config(RoomConfig::default().history(history))
}

fn told(seen: &[Seen]) -> Vec<(&str, usize, bool)> {
    seen.iter().map(|seen| (&*seen.tag, seen.n, seen.at.is_some())).collect()
}

/// Present members get them, in order with the others, without a position; a member that resumes
/// does not.
#[tokio::test]
async fn transient_messages_evict_no_others() {
    let mut connector = Connector::new();
    let rooms = remembering::<Tell>(3);
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    let start = seat.position();
    for n in 1..=3 {
        seat.broadcast(&Tell::Number { n }).unwrap();
        for _ in 0..10 {
            assert_eq!(seat.broadcast(&Tell::Typing { n }).unwrap().queued, 1);
        }
        seat.broadcast(&Tell::Idle).unwrap();
    }
    mark(&ws);
    let mut expected = Vec::new();
    for n in 1..=3 {
        expected.push(("number", n, true));
        expected.extend([("typing", n, false); 10]);
        expected.push(("idle", 0, false));
    }
    assert_eq!(told(&up_to_mark(&mut socket).await), expected);

    let (mut socket, ws) = connector.open().await;
    let mut late = rooms.reserve("room");
    assert_eq!(late.resume(&ws, (), start).await.unwrap(), ResumeOutcome::Recovered(3));
    mark(&ws);
    // Recovered messages move on as the transport takes them, before or behind the mark.
    let mut seen = up_to_mark(&mut socket).await;
    mark(&ws);
    seen.extend(up_to_mark(&mut socket).await);
    assert_eq!(told(&seen), [("number", 1, true), ("number", 2, true), ("number", 3, true)]);
}

/// A single broadcast of a kind that is otherwise remembered: to all, to all but one, and to the
/// others.
#[tokio::test]
async fn one_broadcast_may_be_transient() {
    let mut connector = Connector::new();
    let rooms = remembering::<Tell>(10);
    let (mut ann_socket, ann_ws) = connector.open().await;
    let (mut bob_socket, bob_ws) = connector.open().await;
    let (ann, bob) = (rooms.join("room", &ann_ws).unwrap(), rooms.join("room", &bob_ws).unwrap());
    let start = ann.position();
    assert_eq!(ann.broadcast_transient(&Tell::Number { n: 1 }).unwrap().queued, 2);
    assert_eq!(ann.broadcast_transient_except(ann.id().unwrap(), &Tell::Number { n: 2 }).unwrap().queued, 1);
    assert_eq!(bob.broadcast_transient_to_others(&Tell::Number { n: 3 }).unwrap().queued, 1);
    assert_eq!(ann.position(), start);
    ann.broadcast(&Tell::Number { n: 4 }).unwrap();
    assert_ne!(ann.position(), start);
    for (ws, socket, numbers) in
        [(&ann_ws, &mut ann_socket, [1, 3, 4]), (&bob_ws, &mut bob_socket, [1, 2, 4])]
    {
        mark(ws);
        let seen = up_to_mark(socket).await;
        assert_eq!(told(&seen), numbers.map(|n| ("number", n, n == 4)));
    }
}

/// In a room of raw messages a transient one need be no JSON object: it gets no position.
#[tokio::test]
async fn raw_transient_messages_may_have_any_form() {
    let mut connector = Connector::new();
    let rooms = remembering::<Message>(10);
    let (mut socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    assert!(seat.broadcast(&"...".into()).unwrap_err().is_invalid_input());
    assert_eq!(seat.broadcast_transient(&"...".into()).unwrap().queued, 1);
    assert_eq!(seat.broadcast_transient(&Message::Binary(vec![1].into())).unwrap().queued, 1);
    seat.broadcast(&"{}".into()).unwrap();
    assert_eq!(socket.recv_text().await, "...");
    assert_eq!(socket.recv_binary().await, [1][..]);
    assert!(socket.recv_text().await.starts_with(r#"{"$at":"#));
}

/// The room is empty: the message reaches no member, and does not create the room.
#[tokio::test]
async fn a_transient_message_keeps_no_empty_room() {
    let rooms = remembering::<Tell>(10);
    assert_eq!(rooms.room("room").broadcast(&Tell::Idle).unwrap().queued, 0);
    assert_eq!(rooms.room("room").broadcast_transient(&Tell::Number { n: 1 }).unwrap().queued, 0);
    assert!(rooms.is_empty());
    rooms.room("room").broadcast(&Tell::Number { n: 1 }).unwrap();
    assert_eq!(rooms.len(), 1);
}
