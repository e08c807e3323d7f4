//! Watches of all rooms at once.

use std::collections::{BTreeMap, BTreeSet};

use ignitia::{
    prelude::*,
    rooms::{RoomEvent, RoomsEvent, WatchAll},
};

use super::{Connector, Tell};
use crate::support::{heap, is_alone, within};

async fn event<P>(watch: &mut WatchAll<P>) -> (String, &'static str, u64) {
    match within("an event", watch.recv()).await {
        Some(RoomsEvent::In(room, event)) => {
            let (what, member) = match event {
                RoomEvent::Joined(member) => ("joined", member.id),
                RoomEvent::Left(member) => ("left", member.id),
                RoomEvent::Changed(member) => ("changed", member.id),
                _ => panic!("in one room nothing is missed"),
            };
            (room.to_string(), what, member.get())
        }
        Some(RoomsEvent::Missed(events)) => (String::new(), "missed", events),
        None => (String::new(), "over", 0),
        other => panic!("an unknown event: {}", other.is_some()),
    }
}

#[tokio::test]
async fn a_watch_of_all_rooms_sees_every_member_join_and_leave() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, u8>::new();
    let mut early = rooms.watch_all();
    assert!(early.rooms().is_empty());
    let (_socket, ws) = connector.open().await;
    let [one, two] = ["one", "two"].map(|name| rooms.join(name, &ws).unwrap());
    let [one_id, two_id] = [&one, &two].map(|seat| seat.id().unwrap().get());
    let _only_watched = rooms.room("three").watch();
    let mut late = rooms.watch_all();
    let names: BTreeMap<_, _> =
        late.rooms().iter().map(|(name, members)| (name.to_string(), members[0].id.get())).collect();
    assert_eq!(names, BTreeMap::from([("one".into(), one_id), ("two".into(), two_id)]));
    one.set_presence(1);
    drop(two);
    ws.close(None).await.unwrap();
    drop(one);
    for expected in [("one", "joined", one_id), ("two", "joined", two_id)] {
        assert_eq!(event(&mut early).await, (expected.0.into(), expected.1, expected.2));
    }
    for watch in [&mut early, &mut late] {
        for expected in [("one", "changed", one_id), ("two", "left", two_id), ("one", "left", one_id)] {
            assert_eq!(event(watch).await, (expected.0.into(), expected.1, expected.2));
        }
    }
    assert!(rooms.is_empty());
    drop((rooms, _only_watched));
    for watch in [&mut early, &mut late] {
        assert_eq!(event(watch).await.1, "over");
    }
}

/// A watch that is not read, and a dropped one: neither keeps more than it may.
#[tokio::test]
async fn watches_of_all_rooms_are_bounded() {
    if !is_alone("rooms::watching_all::watches_of_all_rooms_are_bounded") {
        return;
    }
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, [u8; 100]>::new();
    let (_socket, ws) = connector.open().await;
    let seat = rooms.join_as("room", &ws, [0; 100]).unwrap();
    let mut watch = rooms.watch_all();
    let before = heap();
    for _ in 0..10_000 {
        drop(rooms.watch_all());
    }
    assert!(heap().saturating_sub(before) < 4_096);
    for n in 0..20_000 {
        seat.set_presence([n as u8; 100]);
    }
    let grown = heap().saturating_sub(before);
    assert!((4_096 * 100..2 << 20).contains(&grown), "{grown} bytes");
    assert_eq!(event(&mut watch).await, (String::new(), "missed", 20_000 - 4_096));
    let mut events = 0;
    while events < 4_096 {
        assert_eq!(event(&mut watch).await.1, "changed");
        events += 1;
    }
}

/// The list and the events together are complete, whenever the watch begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_event_is_missed_or_doubled_between_the_list_and_the_events() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let mut joiners = tokio::task::JoinSet::new();
    for joiner in 0..4 {
        let (socket, ws) = connector.open().await;
        let rooms = rooms.clone();
        joiners.spawn(async move {
            for n in 0..100 {
                let own = rooms.join(format!("{joiner}"), &ws).unwrap();
                let _shared = rooms.join(format!("shared {}", n % 3), &ws).unwrap();
                tokio::task::yield_now().await;
                drop(own);
            }
            drop(socket);
        });
    }
    let mut watches = Vec::new();
    while !joiners.is_empty() {
        let mut watch = rooms.watch_all();
        watches.push(tokio::spawn(async move {
            let all = watch.rooms().iter();
            let mut present: BTreeSet<(String, u64)> = all
                .flat_map(|(name, members)| members.iter().map(|member| (name.to_string(), member.id.get())))
                .collect();
            loop {
                match event(&mut watch).await {
                    (room, "joined", id) => assert!(present.insert((room, id)), "{id} joined twice"),
                    (room, "left", id) => assert!(present.remove(&(room, id)), "{id} left and was not there"),
                    (_, "missed", _) => return,
                    _ => break,
                }
            }
            assert!(present.is_empty(), "{present:?}");
        }));
        while joiners.try_join_next().is_some() {}
        if watches.len() > 200 {
            joiners.join_next().await;
        }
        tokio::task::yield_now().await;
    }
    drop(rooms);
    for watch in watches {
        watch.await.unwrap();
    }
}
