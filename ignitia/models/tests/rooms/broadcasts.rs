//! Order and completeness of broadcasts.

use ignitia_modelled::{
    Message, StatusCode,
    harness::PeerFrame,
    rooms::{History, ResumeOutcome, RoomConfig, Rooms},
    websocket::WebSocketConfig,
};
use shuttle::{future, thread};

use super::text;
use crate::{connect, explore, listen, spawn, texts};

/// Two threads send while another member joins and leaves.
#[test]
fn all_members_see_one_order_and_the_room_is_removed_with_the_last() {
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
        let visitor = {
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
        let some = visitor.join().unwrap();
        assert!(seen[0].contains(&some), "{some:?} is no part of {:?}", seen[0]);
        for name in ["a", "b"] {
            assert!(seen[0].find(&format!("{name}0")) < seen[0].find(&format!("{name}1")), "{seen:?}");
        }
        assert_eq!(rooms.len(), 0);
    });
}

/// A member resumes while others send. It must receive missed and new messages without a gap or a
/// duplicate.
#[test]
fn a_member_that_resumes_during_broadcasts_has_no_gap_and_no_duplicate() {
    explore(|| {
        let rooms = Rooms::<Message>::with_config(RoomConfig::default().history(History::default()));
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
        let resumed = future::block_on(membership.resume(&ws, (), seen)).unwrap();
        assert!(matches!(resumed, ResumeOutcome::Recovered(0..=4)), "{resumed:?}");
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

/// Messages go to several rooms at once and to single ones, while a room is removed and created. A
/// member of two rooms receives each message once, in the order of the members of one.
#[test]
fn messages_to_several_rooms_arrive_in_the_order_of_each() {
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
        let visitor = {
            let (rooms, other_ws) = (rooms.clone(), other_ws.clone());
            thread::spawn(move || drop(rooms.join("c", &other_ws)))
        };
        for thread in senders.into_iter().chain([visitor]) {
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

/// While a direct write is under way, everything else that the connection's task has to be woken
/// for comes up as well: a message, a send and a flush of another task, and the end.
#[test]
fn a_direct_write_takes_no_other_wake_up() {
    explore(|| {
        let rooms = Rooms::<Message>::new();
        let (mut peer, ws, task) = connect(WebSocketConfig::default(), |mut ws| async move {
            while let Some(message) = ws.recv().await {
                if message.is_data() {
                    ws.send(message).await.unwrap();
                }
            }
            StatusCode::OK
        });
        let membership = rooms.join("r", &ws).unwrap();
        let broadcaster = {
            let room = rooms.room("r");
            thread::spawn(move || {
                for n in 0..2 {
                    room.broadcast(&text(&format!("room{n}"))).unwrap();
                }
            })
        };
        let sender = spawn(async move {
            ws.send_text("sent").await.unwrap();
            ws.flush().await.unwrap();
        });
        peer.send("echo");
        let mut seen = Vec::new();
        while seen.len() < 4 {
            seen.push(future::block_on(peer.recv()).expect("the connection is open"));
        }
        broadcaster.join().unwrap();
        sender.join().unwrap();
        let from_room = texts(&seen).into_iter().filter(|text| text.starts_with("room"));
        assert_eq!(from_room.collect::<Vec<_>>(), ["room0", "room1"]);
        peer.close();
        peer.finish();
        assert_eq!(future::block_on(peer.recv_all()), [PeerFrame::Close(Some(1000))]);
        future::block_on(task).unwrap();
        drop(membership);
    });
}
