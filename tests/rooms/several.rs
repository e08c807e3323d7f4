//! Broadcasts of one message to several rooms at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ignitia::{
    prelude::*,
    rooms::{History, ResumeOutcome, RoomConfig},
};

use super::{Connector, Seen, Tell, counts, mark, rooms_with, up_to_mark};

fn numbers(seen: &[Seen]) -> Vec<usize> {
    seen.iter().map(|seen| seen.n).collect()
}

#[tokio::test]
async fn a_connection_in_several_of_the_rooms_gets_a_message_once() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let mut guests = Vec::new();
    let mut seats = Vec::new();
    for names in [&["a", "b", "c", "c"][..], &["b"], &["c", "d"], &["d"]] {
        let (socket, ws) = connector.open().await;
        seats.extend(names.iter().map(|name| rooms.join(*name, &ws).unwrap()));
        guests.push((socket, ws));
    }
    let sent = rooms.broadcast_to(["c", "b", "a", "b", "nowhere"], &Tell::number(1)).unwrap();
    assert_eq!(counts(sent), (3, 0, 0));
    assert_eq!(counts(rooms.broadcast_to([] as [&str; 0], &Tell::number(2)).unwrap()), (0, 0, 0));
    assert_eq!(rooms.len(), 4, "none was made for it");
    for ((socket, ws), expected) in guests.iter_mut().zip([1, 1, 1, 0]) {
        mark(ws);
        assert_eq!(numbers(&up_to_mark(socket).await), vec![1; expected]);
    }
}

/// Each room with a history remembers it, with a position of its own.
#[tokio::test]
async fn each_history_remembers_the_message() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::with_config_by_name(|name| {
        RoomConfig::default().history((name != "plain").then(History::default))
    });
    let (mut socket, ws) = connector.open().await;
    let seats = ["a", "b", "plain"].map(|name| rooms.join(name, &ws).unwrap());
    let starts = ["a", "b"].map(|name| rooms.room(name).position());
    rooms.broadcast_to(["plain", "b", "a", "empty"], &Tell::number(1)).unwrap();
    mark(&ws);
    let seen = up_to_mark(&mut socket).await;
    let at = rooms.room("a").position().map(|at| at.to_string());
    assert_eq!((numbers(&seen), &seen[0].at), (vec![1], &at), "by the first of the rooms");
    drop(seats);
    for (name, start) in ["a", "b"].into_iter().zip(starts) {
        let (mut socket, ws) = connector.open().await;
        assert_eq!(
            rooms.reserve(name).resume(&ws, (), start).await.unwrap(),
            ResumeOutcome::Recovered(1),
            "{name}"
        );
        let seen: Seen = socket.recv_json().await;
        assert_eq!((seen.n, seen.at), (1, rooms.room(name).position().map(|at| at.to_string())));
    }
    assert_eq!(rooms.room("empty").history(None, 10).len(), 1);

    // A message that is invalid in one room is invalid in all.
    let raw = Rooms::<Message>::with_config_by_name(|name| {
        RoomConfig::default().history((name == "b").then(History::default))
    });
    let seats = ["a", "b"].map(|name| raw.join(name, &ws).unwrap());
    assert!(raw.broadcast_to(["a", "b"], &"no object".into()).unwrap_err().is_invalid_input());
    assert_eq!(counts(raw.broadcast_to(["a"], &"no object".into()).unwrap()), (1, 0, 0));
    drop(seats);
}

/// Two rooms, members of both and of one, and threads that send to one, to the other, and to both
/// in either order: all members of a room see its messages in the same order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_room_still_has_one_order() {
    const MESSAGES: usize = 300;
    let mut connector = Connector::new();
    let rooms = rooms_with(RoomConfig::default().history(History::default()));
    let mut guests = Vec::new();
    let mut seats = Vec::new();
    for names in [&["a"][..], &["a", "b"], &["b"]] {
        let (socket, ws) = connector.open().await;
        seats.extend(names.iter().map(|name| rooms.join(*name, &ws).unwrap()));
        guests.push((socket, ws));
    }
    let over = Arc::new(AtomicBool::new(false));
    // Rooms vanish and come back meanwhile.
    let churn = {
        let (rooms, over, ws) = (rooms.clone(), over.clone(), guests[0].1.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                drop(rooms.join("c", &ws));
            }
        })
    };
    let senders = [&["a"][..], &["b"], &["a", "b", "c"], &["b", "a"]].map(|names| {
        let rooms = rooms.clone();
        std::thread::spawn(move || {
            let from = if names.len() == 1 { usize::from(names[0] == "b") } else { names.len() };
            for n in 0..MESSAGES {
                rooms.broadcast_to(names.iter().copied(), &Tell::Number { from, n }).unwrap();
            }
        })
    });
    for sender in senders {
        sender.join().unwrap();
    }
    over.store(true, Ordering::Release);
    churn.join().unwrap();
    let mut seen = Vec::new();
    for (socket, ws) in &mut guests {
        mark(ws);
        seen.push(up_to_mark(socket).await);
    }
    let of = |member: usize, room: usize| -> Vec<(usize, usize)> {
        let of_room = seen[member].iter().filter(|seen| seen.from == room || seen.from > 1);
        of_room.map(|seen| (seen.from, seen.n)).collect()
    };
    assert_eq!((seen[0].len(), seen[1].len(), seen[2].len()), (3 * MESSAGES, 4 * MESSAGES, 3 * MESSAGES));
    assert!(of(0, 0) == of(1, 0) && of(2, 1) == of(1, 1));
}
