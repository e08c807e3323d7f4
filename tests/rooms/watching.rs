//! Watches: who is in a room, and who comes and goes.

use ignitia::{
    prelude::*,
    rooms::{Member, RoomEvent},
};

use super::{House, Tell, event, until, within};

fn ids<P>(members: &[Member<P>]) -> Vec<u64> {
    members.iter().map(|member| member.id.get()).collect()
}

#[tokio::test]
async fn a_watch_sees_who_comes_and_goes_in_order() {
    let mut house = House::new();
    let rooms = Rooms::<Tell, &'static str>::new();
    let (_ann, ann) = house.guest().await;
    let (bob_socket, bob) = house.guest().await;
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
    match within(watch.recv()).await {
        Some(RoomEvent::Joined(member)) => {
            assert_eq!((member.id, member.connection, *member.presence), (bob_id, bob.id(), "bob"));
        }
        other => panic!("{other:?}"),
    }
    match within(watch.recv()).await {
        Some(RoomEvent::Changed(member)) => assert_eq!((member.id, *member.presence), (bob_id, "bob, away")),
        other => panic!("{other:?}"),
    }
    for watch in [&mut watch, &mut later] {
        match within(watch.recv()).await {
            Some(RoomEvent::Left(member)) => assert_eq!((member.id, *member.presence), (bob_id, "bob, away")),
            other => panic!("{other:?}"),
        }
        assert_eq!(event(watch).await, ("left", ann_id.get()));
    }
    drop(bob_in);
    for watch in [&mut watch, &mut later] {
        assert_eq!(event(watch).await, ("over", 0));
        assert_eq!(event(watch).await, ("over", 0));
    }
}

/// Nobody is left, and a watch says so, whoever still has a handle of the room that was.
#[tokio::test(start_paused = true)]
async fn a_watch_ends_with_its_room_whoever_has_a_handle() {
    let mut house = House::new();
    let rooms = Rooms::<Tell>::new();
    let (socket, ws) = house.guest().await;
    let membership = rooms.join("room", &ws).unwrap();
    let id = membership.id().unwrap().get();
    let mut watch = membership.watch();
    socket.reset();
    ws.closed().await;
    until("the room is gone", || rooms.is_empty()).await;
    assert_eq!(event(&mut watch).await, ("left", id));
    // The membership is still there, as it is in a handler that runs on.
    assert_eq!(event(&mut watch).await, ("over", 0));
    drop(membership);
}

#[tokio::test]
async fn a_watch_of_nothing_is_over() {
    let rooms = Rooms::<Tell>::new();
    let mut watch = rooms.room("nowhere").watch();
    assert!(watch.members().is_empty());
    assert_eq!(event(&mut watch).await, ("over", 0));
    assert!(rooms.is_empty());
}

/// A slow watcher is told how many events it missed, and sees the newest ones.
#[tokio::test]
async fn a_slow_watcher_is_told() {
    const EVENTS: usize = 1_000;
    let mut house = House::new();
    let rooms = Rooms::<Tell, usize>::new();
    let (_socket, ws) = house.guest().await;
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
        match within(watch.recv()).await {
            Some(RoomEvent::Changed(member)) => assert_eq!(*member.presence, n),
            other => panic!("{other:?} in place of {n}"),
        }
    }
    drop(membership);
    assert_eq!(event(&mut watch).await.0, "left");
    assert_eq!(event(&mut watch).await.0, "over");
}

/// The members at the beginning and the events after it are the whole truth, whenever the watch begins.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_watch_misses_nothing_between_its_members_and_its_events() {
    let mut house = House::new();
    let rooms = Rooms::<Tell>::new();
    let (_keeper, keeper) = house.guest().await;
    let keeper = rooms.join("room", &keeper).unwrap();
    let mut joiners = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (socket, ws) = house.guest().await;
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
    drop(keeper);
    for watch in watches {
        watch.await.unwrap();
    }
}
