//! Watches: the members of a room, and who joins and leaves.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{History, Member, ResumeOutcome, RoomConfig, RoomEvent},
    websocket::WebSocketConfig,
};

use super::{Connector, Tell, event, rooms_with};
use crate::support::{heap, is_alone, until, within};

fn ids<P>(members: &[Member<P>]) -> Vec<u64> {
    members.iter().map(|member| member.id.get()).collect()
}

#[tokio::test]
async fn a_watch_sees_who_comes_and_goes_in_order() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, &'static str>::new();
    let (_ann, ann) = connector.open().await;
    let (bob_socket, bob) = connector.open().await;
    let ann_in = rooms.join_as("room", &ann, "ann").unwrap();
    let mut watch = ann_in.watch();
    assert_eq!(ids(watch.members()), [ann_in.id().unwrap().get()]);
    let bob_in = rooms.join_as("room", &bob, "bob").unwrap();
    bob_in.set_presence("bob, away");
    let mut later = rooms.room("room").watch();
    assert_eq!(
        later.members().iter().map(|member| *member.presence).collect::<Vec<_>>(),
        ["ann", "bob, away"]
    );
    let (ann_id, bob_id) = (ann_in.id().unwrap(), bob_in.id().unwrap());
    drop(bob_socket);
    bob.closed().await;
    until("bob is gone", || ann_in.len() == 1).await;
    drop(ann_in);
    match within("an event", watch.recv()).await {
        Some(RoomEvent::Joined(member)) => {
            assert_eq!((member.id, member.connection, *member.presence), (bob_id, bob.id(), "bob"));
        }
        other => panic!("{other:?}"),
    }
    match within("an event", watch.recv()).await {
        Some(RoomEvent::Changed(member)) => assert_eq!((member.id, *member.presence), (bob_id, "bob, away")),
        other => panic!("{other:?}"),
    }
    for watch in [&mut watch, &mut later] {
        match within("an event", watch.recv()).await {
            Some(RoomEvent::Left(member)) => assert_eq!((member.id, *member.presence), (bob_id, "bob, away")),
            other => panic!("{other:?}"),
        }
        assert_eq!(event(watch).await, ("left", ann_id.get()));
    }
    drop((bob_in, rooms));
    for watch in [&mut watch, &mut later] {
        assert_eq!(event(watch).await, ("over", 0));
        assert_eq!(event(watch).await, ("over", 0));
    }
}

/// A dashboard that is opened first, and left open: it sees every member, again and again.
#[tokio::test]
async fn a_watch_waits_for_the_first_member_and_outlives_the_last() {
    let mut connector = Connector::new();
    for history in [None, Some(History::default())] {
        let rooms = rooms_with(RoomConfig::default().history(history));
        let room = rooms.room("room");
        let mut watch = room.watch();
        assert!(watch.members().is_empty());
        let (_socket, ws) = connector.open().await;
        for round in 0..3 {
            let seat = rooms.join("room", &ws).unwrap();
            let id = seat.id().unwrap().get();
            if round == 1 {
                seat.broadcast(&Tell::number(1)).unwrap();
            }
            assert_eq!(room.len(), 1);
            drop(seat);
            assert_eq!(event(&mut watch).await, ("joined", id));
            assert_eq!(event(&mut watch).await, ("left", id));
        }
        let mut waiting = Box::pin(watch.recv());
        assert!(futures_util::poll!(&mut waiting).is_pending());
        drop(waiting);
        drop((room, rooms));
        assert_eq!(event(&mut watch).await, ("over", 0), "no connection can join any more");
        assert_eq!(event(&mut watch).await, ("over", 0));
    }
}

/// It does not count as a room, and vanishes with the last watch, in any order.
#[tokio::test]
async fn a_room_that_is_only_watched_does_not_count_and_vanishes_with_its_watches() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let watches = [rooms.room("room").watch(), rooms.room("room").watch()];
    assert!(rooms.is_empty() && rooms.names().is_empty());
    assert_eq!(rooms.room("room").position(), None);
    let seat = rooms.join("room", &ws).unwrap();
    assert_eq!((rooms.len(), rooms.names()), (1, vec!["room".into()]));
    drop(seat);
    assert!(rooms.is_empty() && rooms.names().is_empty());
    drop(watches);
    let seat = rooms.join("room", &ws).unwrap();
    drop(rooms.room("room").watch());
    assert_eq!(rooms.len(), 1);
    drop(seat);
    assert!(rooms.is_empty());
}

#[tokio::test]
async fn nothing_is_left_of_rooms_that_were_only_watched() {
    if !is_alone("rooms::watching::nothing_is_left_of_rooms_that_were_only_watched") {
        return;
    }
    for history in [None, Some(History::default())] {
        let rooms = rooms_with(RoomConfig::default().history(history));
        let all = rooms.watch_all();
        let before = heap();
        for n in 0..20_000 {
            let room = rooms.room(format!("a room with a name that takes some memory, number {n}"));
            let watch = room.watch();
            let present = room.watch_present();
            if n % 2 == 0 { drop((watch, present)) } else { drop((present, watch)) }
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 16 << 10, "{grown} bytes are left");
        drop(all);
    }
}

/// A room with a history is kept for the history, then for its watch; the history stays right.
#[tokio::test(start_paused = true)]
async fn a_watched_room_forgets_its_history_like_any_other() {
    let mut connector = Connector::with(WebSocketConfig::default().keepalive_interval(None), |client| client);
    let rooms = rooms_with(RoomConfig::default().history(History::default()));
    let room = rooms.room("room");
    let mut watch = room.watch();
    room.broadcast(&Tell::number(1)).unwrap();
    let at = room.position();
    assert_eq!(rooms.len(), 1);
    tokio::time::sleep(Duration::from_secs(301)).await;
    let (_socket, ws) = connector.open().await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    assert_eq!(rooms.len(), 0);
    let mut seat = rooms.reserve("room");
    assert_eq!(
        seat.resume(&ws, (), at).await.unwrap(),
        ResumeOutcome::Recovered(0),
        "there was nothing since"
    );
    assert_eq!(event(&mut watch).await.0, "joined");
    seat.broadcast(&Tell::number(2)).unwrap();
    drop(seat);
    assert_eq!(rooms.len(), 1);
}

/// The membership still exists.
#[tokio::test(start_paused = true)]
async fn a_watch_sees_a_lost_connection_leave() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    let id = membership.id().unwrap().get();
    let mut watch = membership.watch();
    socket.reset();
    ws.closed().await;
    until("the room is gone", || rooms.is_empty()).await;
    assert_eq!(event(&mut watch).await, ("left", id));
    drop(membership);
}

/// A slow watch learns how many events it missed, and sees the newest ones.
#[tokio::test]
async fn a_slow_watch_reports_how_many_events_it_missed() {
    const EVENTS: usize = 1_000;
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell, usize>::new();
    let (_socket, ws) = connector.open().await;
    let membership = rooms.join_as("room", &ws, 0).unwrap();
    let mut watch = membership.watch();
    for n in 1..=EVENTS {
        membership.set_presence(n);
    }
    let missed = match event(&mut watch).await {
        ("missed", events) => events as usize,
        other => panic!("{other:?}"),
    };
    assert!(missed > 0 && missed < EVENTS);
    for n in missed + 1..=EVENTS {
        match within("an event", watch.recv()).await {
            Some(RoomEvent::Changed(member)) => assert_eq!(*member.presence, n),
            other => panic!("{other:?} in place of {n}"),
        }
    }
    drop((membership, rooms));
    assert_eq!(event(&mut watch).await.0, "left");
    assert_eq!(event(&mut watch).await.0, "over");
}

/// The members at the beginning and the events after it together are complete, whenever the watch
/// begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_watch_misses_nothing_between_its_members_and_its_events() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_keeper, keeper) = connector.open().await;
    let keeper = rooms.join("room", &keeper).unwrap();
    let mut joiners = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (socket, ws) = connector.open().await;
        let rooms = rooms.clone();
        joiners.spawn(async move {
            for _ in 0..50 {
                let _joined = rooms.join("room", &ws).unwrap();
                tokio::task::yield_now().await;
            }
            drop(socket);
        });
    }
    let mut watches = Vec::new();
    while !joiners.is_empty() {
        let mut watch = keeper.watch();
        watches.push(tokio::spawn(async move {
            let mut present: std::collections::BTreeSet<u64> = ids(watch.members()).into_iter().collect();
            loop {
                match event(&mut watch).await {
                    ("joined", id) => assert!(present.insert(id), "{id} joined twice"),
                    ("left", id) => assert!(present.remove(&id), "{id} left and was not there"),
                    ("missed", _) => return,
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
    drop((keeper, rooms));
    for watch in watches {
        watch.await.unwrap();
    }
}
