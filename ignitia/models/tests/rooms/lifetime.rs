//! Creation and removal of rooms.

use std::sync::Arc;

use ignitia_modelled::{
    Message, Shutdown, harness,
    rooms::{RoomEvent, Rooms},
    websocket::{CloseKind, WebSocketConfig},
};
use shuttle::{
    future,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::text;
use crate::{connect, explore, listen, spawn};

/// A connection is ended by its peer, by an abort of its task and by a drop of its membership,
/// while messages are sent to it.
#[test]
fn an_end_from_three_sides_leaves_no_member_and_no_room() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let watched = rooms.clone();
        let (peer, ws, task) = connect(WebSocketConfig::default(), listen);
        let membership = rooms.join("r", &ws).unwrap();
        let mut watch = watched.room("r").watch();
        let events = spawn(async move {
            let mut events = Vec::new();
            while let Some(event) = watch.recv().await {
                events.push(event);
            }
            events
        });
        let room = rooms.room("r");
        let sender = thread::spawn(move || {
            for _ in 0..2 {
                let delivered = room.broadcast(&text("x")).unwrap();
                assert!(delivered.queued <= 1 && delivered.closed == 0);
            }
        });
        let leaver = thread::spawn(move || drop(membership));
        let aborter = thread::spawn(move || {
            task.abort();
            task
        });
        peer.finish();
        for thread in [sender, leaver] {
            thread.join().unwrap();
        }
        let _aborted = future::block_on(aborter.join().unwrap());
        let ended = future::block_on(ws.closed());
        assert!(matches!(ended.kind, CloseKind::Aborted | CloseKind::Lost), "{ended:?}");
        assert_eq!((rooms.len(), rooms.room("r").len()), (0, 0));
        drop((rooms, watched));
        let events = events.join().unwrap();
        assert!(matches!(events[..], [RoomEvent::Left(_)]), "{events:?}");
    });
}

/// Rooms are created and removed while members join and send.
#[test]
fn a_room_that_is_removed_loses_no_member() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let members = [(); 3].map(|()| {
            let rooms = rooms.clone();
            // The task does not run: messages stay in the outbox.
            let (peer, ws, task) = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
            thread::spawn(move || {
                let membership = rooms.join("r", &ws).unwrap();
                let delivered = membership.broadcast(&text("x")).unwrap();
                assert!((1..=3).contains(&delivered.queued), "the sender is a member of its room");
                assert!(rooms.room("r").members().iter().any(|member| Some(member.id) == membership.id()));
                drop(membership);
                drop((peer, task));
            })
        });
        for member in members {
            member.join().unwrap();
        }
        assert_eq!(rooms.len(), 0);
    });
}

/// A handle caches the room. Its messages must reach the room that has the name now.
#[test]
fn a_former_member_reaches_the_new_room_of_the_same_name() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let is_there = Arc::new(AtomicBool::new(false));
        let (peer, ws, task) = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
        let former = rooms.join("r", &ws).unwrap();
        let newcomer = {
            let (rooms, is_there) = (rooms.clone(), is_there.clone());
            thread::spawn(move || {
                let (peer, ws, task) = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
                let membership = rooms.join("r", &ws).unwrap();
                is_there.store(true, Ordering::SeqCst);
                (membership, ws, peer, task)
            })
        };
        let room = (*former).clone();
        drop(former);
        let was_present = is_there.load(Ordering::SeqCst);
        let delivered = room.broadcast(&text("x")).unwrap();
        assert!(delivered.queued == 1 || !was_present, "{delivered:?}");
        drop((newcomer.join().unwrap(), peer, task));
        assert_eq!(rooms.len(), 0);
    });
}

/// A room is watched and unwatched while a member joins and leaves. It exists exactly as long as it
/// has a member or a watch.
#[test]
fn a_watched_room_exists_for_new_members() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let watcher = {
            let rooms = rooms.clone();
            thread::spawn(move || {
                drop(rooms.room("r").watch());
                rooms.room("r").watch()
            })
        };
        let (peer, ws, task) = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
        let newcomer = {
            let (rooms, ws) = (rooms.clone(), ws.clone());
            thread::spawn(move || {
                let seat = rooms.join("r", &ws).unwrap();
                assert_eq!(seat.broadcast(&text("x")).unwrap().queued, 1);
            })
        };
        let all = rooms.watch_all();
        newcomer.join().unwrap();
        let mut watch = watcher.join().unwrap();
        assert_eq!(rooms.len(), 0);
        let before = watch.members().len();
        let seat = rooms.join("r", &ws).unwrap();
        drop(seat);
        drop((rooms, all, peer, task));
        let mut events = 0;
        while future::block_on(watch.recv()).is_some() {
            events += 1;
        }
        assert!(matches!((before, events), (0, 2 | 4) | (1, 3)), "{before} members, then {events} events");
    });
}
