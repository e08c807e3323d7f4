//! Rooms: who is in them, what they are sent and in which order, when several threads join, leave, send and end.

use std::sync::Arc;

use ignitia_modelled::{
    CloseFrame, Message, Shutdown,
    harness::{self, Frame},
    rooms::{History, Overflow, Resumed, RoomConfig, RoomEvent, Rooms, Seats},
    websocket::{CloseKind, WebSocketConfig},
};
use shuttle::{
    future,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::{connect, explore, listen, spawn, texts};

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

/// Two threads send, while another member comes and goes.
#[test]
fn all_members_see_one_order_and_the_room_vanishes_with_the_last() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let members = [(); 2].map(|()| {
            let (peer, ws, task) = connect(WebSocketConfig::default(), listen);
            let membership = rooms.join("r", &ws).unwrap();
            (peer, ws, task, membership)
        });
        let senders = ["a", "b"].map(|name| {
            let room = rooms.room("r");
            thread::spawn(move || {
                for n in 0..2 {
                    assert_eq!(room.broadcast(&text(&format!("{name}{n}"))).unwrap().lagging, 0);
                }
            })
        });
        let passer_by = {
            let rooms = rooms.clone();
            let (mut peer, ws, task) = connect(WebSocketConfig::default(), listen);
            spawn(async move {
                let membership = rooms.join("r", &ws).unwrap();
                drop(membership);
                ws.close(None).await.unwrap();
                let frames = peer.recv_all().await;
                task.await.unwrap();
                texts(&frames).join(" ")
            })
        };
        for sender in senders {
            sender.join().unwrap();
        }
        let mut seen = members.map(|(mut peer, ws, task, membership)| {
            future::block_on(async move {
                ws.close(None).await.unwrap();
                let frames = peer.recv_all().await;
                task.await.unwrap();
                drop(membership);
                texts(&frames).join(" ")
            })
        });
        seen.sort();
        assert_eq!((&seen[0], seen[0].len()), (&seen[1], 11), "all of it, in one order");
        let some = passer_by.join().unwrap();
        assert!(seen[0].contains(&some), "{some:?} is no part of {:?}", seen[0]);
        for name in ["a", "b"] {
            assert!(seen[0].find(&format!("{name}0")) < seen[0].find(&format!("{name}1")), "{seen:?}");
        }
        assert_eq!(rooms.len(), 0);
    });
}

/// The same connection is ended by its peer, by its task's death and by its own membership, while it is sent to.
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

/// The one who is too slow is told how many it missed, or closed; it never misses anything without a word.
#[test]
fn a_slow_member_is_never_silently_deaf() {
    explore(|| {
        let config = RoomConfig { overflow: Overflow::DropOldest, backlog: 1, ..RoomConfig::default() };
        let rooms = Rooms::<Message>::with_config(config);
        let narrow = WebSocketConfig { outbox_messages: 1, outbox_burst: 1, ..WebSocketConfig::default() };
        let (mut peer, ws, task) = connect(narrow, listen);
        let membership = rooms.join("r", &ws).unwrap();
        let room = rooms.room("r");
        let sender = thread::spawn(move || {
            for n in 0..5 {
                room.broadcast(&text(&n.to_string())).unwrap();
            }
        });
        // Without the help of a close: that would bring along whatever waits.
        let mut accounted = 0;
        while accounted < 5 {
            let Some(Frame::Text(text)) = future::block_on(peer.recv()) else {
                panic!("only {accounted} of 5")
            };
            match text.parse::<u64>() {
                Ok(number) => {
                    assert_eq!(number, accounted);
                    accounted += 1;
                }
                Err(_) => {
                    let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
                    accounted += notice["missed"].as_u64().unwrap();
                }
            }
        }
        sender.join().unwrap();
        future::block_on(ws.close(None)).unwrap();
        assert_eq!(future::block_on(peer.recv_all()), [Frame::Close(None)]);
        drop(membership);
        future::block_on(task).unwrap();
    });
}

/// Two threads send more than the outbox holds, and it leaves and comes again in between: nobody has been slow, so
/// whatever was said while it was in comes, in order.
fn burst(overflow: Overflow<Message>) {
    let config = RoomConfig { overflow, backlog: 1, ..RoomConfig::default() };
    let rooms = Rooms::<Message>::with_config(config);
    let narrow = WebSocketConfig { outbox_messages: 1, ..WebSocketConfig::default() };
    let (mut peer, ws, task) = connect(narrow, listen);
    let mut membership = rooms.join("r", &ws).unwrap();
    let senders = ["a", "b"].map(|name| {
        let room = rooms.room("r");
        thread::spawn(move || {
            let mut sent = Vec::new();
            for n in 0..4 {
                let delivered = room.broadcast(&text(&format!("{name}{n}"))).unwrap();
                assert_eq!((delivered.lagging, delivered.closed), (0, 0));
                sent.extend((delivered.queued == 1).then_some(n));
            }
            sent
        })
    });
    let reader = spawn(async move { peer.recv_all().await });
    membership.enter(&ws).unwrap();
    let sent = senders.map(|sender| sender.join().unwrap());
    future::block_on(ws.close(None)).unwrap();
    let frames = reader.join().unwrap();
    for (name, sent) in ["a", "b"].into_iter().zip(sent) {
        let came = texts(&frames).into_iter().filter_map(|text| text.strip_prefix(name));
        let came: Vec<i32> = came.map(|n| n.parse().unwrap()).collect();
        assert_eq!(came, sent, "{frames:?}");
    }
    drop(membership);
    future::block_on(task).unwrap();
}

#[test]
fn a_burst_that_the_transport_takes_in_pieces_loses_nothing() {
    explore(|| burst(Overflow::Close));
}

#[test]
fn a_burst_that_the_transport_takes_in_pieces_drops_nothing() {
    explore(|| burst(Overflow::DropOldest));
}

/// Its time runs out in the middle of a burst, while the transport takes some of it: what it missed is told where it is
/// missing, under every policy that does not close.
fn found_slow(overflow: Overflow<Message>) {
    const MESSAGES: u64 = 6;
    let config = RoomConfig { overflow, backlog: 1, ..RoomConfig::default() };
    let rooms = Rooms::<Message>::with_config(config);
    let narrow = WebSocketConfig { outbox_messages: 1, ..WebSocketConfig::default() };
    let (mut peer, ws, task) = connect(narrow, listen);
    let membership = rooms.join("r", &ws).unwrap();
    let room = rooms.room("r");
    let sender = thread::spawn(move || {
        for n in 0..MESSAGES {
            room.broadcast(&text(&n.to_string())).unwrap();
        }
    });
    let clock = {
        let ws = ws.clone();
        thread::spawn(move || harness::fall_behind(&ws))
    };
    let mut accounted = 0;
    while accounted < MESSAGES {
        let Some(Frame::Text(text)) = future::block_on(peer.recv()) else { panic!("only {accounted}") };
        match text.parse::<u64>() {
            Ok(number) => {
                assert_eq!(number, accounted);
                accounted += 1;
            }
            Err(_) => {
                let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
                accounted += notice["missed"].as_u64().unwrap();
            }
        }
    }
    for thread in [sender, clock] {
        thread.join().unwrap();
    }
    future::block_on(ws.close(None)).unwrap();
    assert_eq!(future::block_on(peer.recv_all()), [Frame::Close(None)]);
    drop(membership);
    future::block_on(task).unwrap();
}

#[test]
fn a_member_that_is_found_slow_in_a_burst_is_told_what_it_missed_of_the_oldest() {
    explore(|| found_slow(Overflow::DropOldest));
}

#[test]
fn a_member_that_is_found_slow_in_a_burst_is_told_what_it_missed_of_the_newest() {
    explore(|| found_slow(Overflow::DropNewest));
}

/// One comes back while others send: what it missed, then the rest, without a gap and without a double.
#[test]
fn whoever_comes_back_during_broadcasts_has_no_gap_and_no_double() {
    explore(|| {
        let rooms = Rooms::<Message>::with_config(RoomConfig {
            history: Some(History::default()),
            ..RoomConfig::default()
        });
        let room = rooms.room("r");
        room.broadcast(&text(r#"{"n":0}"#)).unwrap();
        let seen = room.position();
        let senders = [1, 2].map(|_| {
            let room = room.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    room.broadcast(&text("{}")).unwrap();
                }
            })
        });
        let (mut peer, ws, task) = connect(WebSocketConfig::default(), listen);
        let mut membership = rooms.reserve("r");
        let resumed = membership.resume(&ws, (), seen).unwrap();
        assert!(matches!(resumed, Resumed::Recovered(0..=4)), "{resumed:?}");
        for sender in senders {
            sender.join().unwrap();
        }
        future::block_on(ws.close(None)).unwrap();
        let frames = future::block_on(peer.recv_all());
        let offsets: Vec<&str> = texts(&frames)
            .into_iter()
            .map(|text| text.trim_end_matches("\"}").rsplit('.').next().unwrap())
            .collect();
        assert_eq!(offsets, ["2", "3", "4", "5"], "{frames:?}");
        drop(membership);
        future::block_on(task).unwrap();
    });
}

/// Rooms come into being and vanish under the hands of those who join and send.
#[test]
fn a_room_that_vanishes_takes_nobody_along() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let members = [(); 3].map(|()| {
            let rooms = rooms.clone();
            // Nobody runs it: what it is sent stays in its outbox.
            let (peer, ws, task) = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
            thread::spawn(move || {
                let membership = rooms.join("r", &ws).unwrap();
                let delivered = membership.broadcast(&text("x")).unwrap();
                assert!((1..=3).contains(&delivered.queued), "one is a member of the room that one sends to");
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

/// A handle remembers where the room was; what is sent by it reaches the room that is there now.
#[test]
fn a_former_member_reaches_the_room_that_took_the_old_ones_place() {
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
        let was_there = is_there.load(Ordering::SeqCst);
        let delivered = room.broadcast(&text("x")).unwrap();
        assert!(delivered.queued == 1 || !was_there, "{delivered:?}");
        drop((newcomer.join().unwrap(), peer, task));
        assert_eq!(rooms.len(), 0);
    });
}

/// Two come for one seat at once, while the one that has it leaves by itself: one is left, and the others are closed.
#[test]
fn of_all_that_come_for_one_seat_one_is_left() {
    explore(|| {
        let frame = CloseFrame { code: 4001, reason: "".into() };
        let config = RoomConfig { seats: Seats::Replace(frame), ..RoomConfig::default() };
        let rooms = Rooms::<Message>::with_config(config);
        let guest = || harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
        let (first_peer, first_ws, first_task) = guest();
        let first = rooms.join_keyed("r", &first_ws, "ann", ()).unwrap();
        let mut watch = rooms.room("r").watch_present();
        let leaver = thread::spawn(move || drop(first));
        let comers = [(); 2].map(|()| {
            let (rooms, guest) = (rooms.clone(), guest());
            thread::spawn(move || {
                let seat = rooms.join_keyed("r", &guest.1, "ann", ()).unwrap();
                rooms.send_to_key("ann", &text("x")).unwrap();
                (seat, guest)
            })
        });
        let comers = comers.map(|comer| comer.join().unwrap());
        leaver.join().unwrap();
        let members = rooms.room("r").members();
        assert_eq!(members.len(), 1, "{members:?}");
        for (seat, (_, ws, _)) in &comers {
            assert_eq!(seat.id() == Some(members[0].id), !ws.is_closed());
        }
        assert_eq!(rooms.send_to_key("ann", &text("x")).unwrap().queued, 1);
        drop((comers, first_peer, first_ws, first_task));
        assert_eq!((rooms.len(), rooms.send_to_key("ann", &text("x")).unwrap().queued), (0, 0));
        // The key was there, perhaps with a break while nobody had the seat.
        drop(rooms);
        let mut is_present = true;
        while let Some(event) = future::block_on(watch.recv()) {
            match event {
                RoomEvent::Joined(_) => assert!(!std::mem::replace(&mut is_present, true), "it was there"),
                RoomEvent::Left(_) => assert!(std::mem::replace(&mut is_present, false), "it was not there"),
                _ => assert!(is_present, "it was not there"),
            }
        }
        assert!(!is_present);
    });
}

/// One that has it, and two that are refused, or not, if it has left by then: never two at once.
#[test]
fn a_seat_that_is_refused_is_never_taken_twice() {
    explore(|| {
        let config = RoomConfig { seats: Seats::Refuse, ..RoomConfig::default() };
        let rooms = Rooms::<Message>::with_config(config);
        let comers = [(); 3].map(|()| {
            let rooms = rooms.clone();
            let guest = harness::connect(WebSocketConfig::default(), &Shutdown::new(), listen);
            thread::spawn(move || {
                let (_peer, ws, _task) = guest;
                let seat = rooms.join_keyed("r", &ws, "ann", ());
                if let Ok(seat) = &seat {
                    assert_eq!(seat.broadcast(&text("x")).unwrap().queued, 1, "somebody else is there");
                }
                seat.is_ok()
            })
        });
        let seated = comers.map(|comer| comer.join().unwrap());
        assert!(seated.contains(&true));
        assert_eq!(rooms.len(), 0);
    });
}

/// Messages to two rooms at once, to each of them, and one of them vanishes and comes back: whoever is in both sees each once,
/// and in the order of those who are in one.
#[test]
fn messages_to_several_rooms_come_in_the_order_of_each() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let (peer, ws, task) = connect(WebSocketConfig::default(), listen);
        let (other_peer, other_ws, other_task) = connect(WebSocketConfig::default(), listen);
        let seats = [rooms.join("a", &ws), rooms.join("b", &ws), rooms.join("b", &other_ws)];
        let senders = [&["a", "b", "c"][..], &["b", "a"], &["b"]].map(|names| {
            let rooms = rooms.clone();
            thread::spawn(move || {
                rooms.broadcast_to(names.iter().copied(), &text(&names.len().to_string())).unwrap();
            })
        });
        let passer_by = {
            let (rooms, other_ws) = (rooms.clone(), other_ws.clone());
            thread::spawn(move || drop(rooms.join("c", &other_ws)))
        };
        for thread in senders.into_iter().chain([passer_by]) {
            thread.join().unwrap();
        }
        let ends = [(peer, ws, task), (other_peer, other_ws, other_task)];
        let seen = ends.map(|(mut peer, ws, task)| {
            future::block_on(async move {
                ws.close(None).await.unwrap();
                let frames = peer.recv_all().await;
                task.await.unwrap();
                texts(&frames).join("")
            })
        });
        assert_eq!((&seen[0], seen[0].len()), (&seen[1], 3), "each once, in one order");
        drop(seats);
        assert_eq!(rooms.len(), 0);
    });
}

/// A room is watched and left alone while somebody comes and goes: it is there as long as anybody needs it, and no longer.
#[test]
fn a_watched_room_is_there_for_whoever_comes() {
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
        let comer = {
            let (rooms, ws) = (rooms.clone(), ws.clone());
            thread::spawn(move || {
                let seat = rooms.join("r", &ws).unwrap();
                assert_eq!(seat.broadcast(&text("x")).unwrap().queued, 1);
            })
        };
        let all = rooms.watch_all();
        comer.join().unwrap();
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
