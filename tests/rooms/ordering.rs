//! Order of messages, with many senders, rooms and threads at the same time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier},
};

use ignitia::{
    Room,
    prelude::*,
    rooms::{History, RoomConfig},
    websocket::WebSocketConfig,
};
use serde::Serialize;
use tokio::task::JoinSet;

use super::Connector;
use crate::support::within;

const ROOMS: usize = 3;
const THREADS: usize = 3;
const TASKS: usize = 4;
const SENDERS: usize = THREADS + TASKS;
/// Number of messages of each sender in each room.
const MESSAGES: usize = 150;
const MEMBERS: usize = 8;

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Step {
    Step { room: usize, sender: usize, n: usize },
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
struct Seen {
    room: usize,
    sender: usize,
    n: usize,
    #[serde(rename = "$at")]
    at: Option<String>,
}

fn send(rooms: &[Room<Step>], sender: usize, n: usize) {
    for turn in 0..ROOMS {
        // The senders use the rooms in different orders.
        let room = (turn + sender) % ROOMS;
        let delivered = rooms[room].broadcast(&Step::Step { room, sender, n }).unwrap();
        assert_eq!(delivered.queued, MEMBERS, "{delivered:?}");
    }
}

/// Threads and tasks send into the same rooms, and every connection is in all of them. All members
/// of a room see the same order, and messages of one sender keep their order across rooms.
async fn everybody_sees_the_same(config: RoomConfig<Step>) {
    let has_history = config.history.is_some();
    // No member is closed for being behind.
    let outbox = WebSocketConfig::default().outbox_messages(ROOMS * SENDERS * MESSAGES);
    let mut connector = Connector::with(outbox, |client| client);
    let rooms = Rooms::<Step>::with_config(config);
    let names = ["red", "green", "blue"];
    let mut members = JoinSet::new();
    let mut seats = Vec::new();
    for member in 0..MEMBERS {
        let (mut socket, ws) = connector.open().await;
        // They join in different orders, too.
        seats.extend((0..ROOMS).map(|turn| rooms.join(names[(turn + member) % ROOMS], &ws).unwrap()));
        members.spawn(async move {
            let mut seen: Vec<Seen> = Vec::new();
            while seen.len() < ROOMS * SENDERS * MESSAGES {
                seen.push(socket.recv_json().await);
            }
            seen
        });
    }
    let handles = names.map(|name| rooms.room(name));
    let start = Arc::new(Barrier::new(THREADS));
    let mut senders = JoinSet::new();
    for sender in 0..TASKS {
        let handles = handles.clone();
        senders.spawn(async move {
            for n in 0..MESSAGES {
                send(&handles, sender, n);
                tokio::task::yield_now().await;
            }
        });
    }
    let threads: Vec<_> = (TASKS..SENDERS)
        .map(|sender| {
            let (handles, start) = (handles.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                (0..MESSAGES).for_each(|n| send(&handles, sender, n));
            })
        })
        .collect();
    let seen = within("the members", members.join_all()).await;
    within("the senders", senders.join_all()).await;
    threads.into_iter().for_each(|thread| thread.join().unwrap());

    let of_room = |seen: &[Seen], room: usize| -> Vec<Seen> {
        seen.iter().filter(|seen| seen.room == room).cloned().collect()
    };
    for room in 0..ROOMS {
        let first = of_room(&seen[0], room);
        assert_eq!(first.len(), SENDERS * MESSAGES);
        assert!(seen.iter().all(|other| of_room(other, room) == first), "not all in the same order");
        for (n, seen) in first.iter().enumerate() {
            let offset = seen.at.as_deref().map(|at| at.split_once('.').unwrap().1.to_owned());
            assert_eq!(offset, has_history.then(|| (n + 1).to_string()));
        }
    }
    for seen in &seen {
        let mut own: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        seen.iter().for_each(|seen| own.entry(seen.sender).or_default().push((seen.n, seen.room)));
        for (sender, came) in own {
            let sent = (0..MESSAGES).flat_map(|n| (0..ROOMS).map(move |turn| (n, (turn + sender) % ROOMS)));
            assert!(came.into_iter().eq(sent), "the messages of sender {sender}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_of_several_rooms_see_the_same_order() {
    everybody_sees_the_same(RoomConfig::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_of_several_rooms_with_a_history_see_the_same_order() {
    everybody_sees_the_same(RoomConfig::default().history(History::default())).await;
}
