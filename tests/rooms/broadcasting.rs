//! Broadcasts: their recipients, their order, and their cost.

use std::sync::{
    Arc, Barrier,
    atomic::{AtomicUsize, Ordering},
};

use ignitia::{
    prelude::*,
    rooms::{Delivered, History, RoomConfig},
    testing::TestClient,
    websocket::WebSocketConfig,
};
use serde::Serialize;
use tokio::{io::AsyncReadExt, task::JoinSet};

use super::{Connector, MARK, Seen, Tell, counts, mark, up_to_mark};
use crate::support::{CountedWrites, heap, is_alone, transport, until, within};

#[tokio::test]
async fn a_typed_message_reaches_every_member() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let mut guests = Vec::new();
    for _ in 0..10 {
        let (socket, ws) = connector.open().await;
        guests.push((socket, rooms.join("room", &ws).unwrap()));
    }
    let (mut outsider, outside) = connector.open().await;
    let _elsewhere = rooms.join("elsewhere", &outside).unwrap();
    let delivered = guests[3].1.broadcast(&Tell::number(7)).unwrap();
    assert_eq!(counts(delivered), (10, 0, 0));
    for (socket, _) in &mut guests {
        assert_eq!(socket.recv_text().await, r#"{"type":"number","from":0,"n":7}"#);
    }
    mark(&outside);
    assert_eq!(outsider.recv_text().await, MARK);
}

#[tokio::test]
async fn raw_texts_and_bytes_may_have_any_size() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Message>::new();
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 200_000] {
        let text = "ü".repeat(length / 2) + &"x".repeat(length % 2);
        assert_eq!(counts(membership.broadcast(&Message::from(&*text)).unwrap()), (1, 0, 0));
        assert!(socket.recv_text().await == text, "{length} bytes of text");
        let bytes: Vec<u8> = (0..length).map(|n| n as u8).collect();
        assert_eq!(counts(membership.broadcast(&Message::Binary(bytes.clone().into())).unwrap()), (1, 0, 0));
        assert!(socket.recv_binary().await == bytes, "{length} bytes");
    }
    for control in [Message::Ping("x".into()), Message::Pong("x".into()), Message::Close(None)] {
        assert!(membership.broadcast(&control).unwrap_err().is_invalid_input());
    }
    mark(&ws);
    assert_eq!(socket.recv_text().await, MARK);
}

#[tokio::test]
async fn a_broadcast_may_exclude_a_member_or_reach_only_one() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let mut guests = Vec::new();
    for _ in 0..4 {
        let (socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        guests.push((socket, ws, membership));
    }
    let room = rooms.room("room");
    let ids: Vec<_> = guests.iter().map(|(.., membership)| membership.id().unwrap()).collect();
    assert_eq!(counts(guests[0].2.broadcast_to_others(&Tell::number(1)).unwrap()), (3, 0, 0));
    assert_eq!(counts(room.broadcast_except(ids[1], &Tell::number(2)).unwrap()), (3, 0, 0));
    assert_eq!(counts(room.send_to(ids[2], &Tell::number(3)).unwrap()), (1, 0, 0));
    let (mut left_socket, left_ws, left) = guests.remove(3);
    drop(left);
    assert_eq!(counts(room.send_to(ids[3], &Tell::number(4)).unwrap()), (0, 0, 0));
    assert_eq!(counts(room.broadcast_except(ids[3], &Tell::number(5)).unwrap()), (3, 0, 0));
    let expected = [vec![2, 5], vec![1, 5], vec![1, 2, 3, 5], vec![1, 2]];
    let others = guests.iter_mut().map(|(socket, ws, _)| (socket, &*ws));
    for ((socket, ws), expected) in others.chain([(&mut left_socket, &left_ws)]).zip(expected) {
        mark(ws);
        let seen: Vec<usize> = up_to_mark(socket).await.iter().map(|seen| seen.n).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_broadcast_to_an_empty_room_reaches_no_member() {
    let rooms = Rooms::<Tell>::new();
    let room = rooms.room("nobody");
    assert_eq!(room.broadcast(&Tell::number(1)).unwrap(), Delivered::default());
    assert_eq!(rooms.reserve("nobody").broadcast_to_others(&Tell::number(1)).unwrap(), Delivered::default());
    assert!(rooms.is_empty());
}

/// A message that fails to be encoded on demand.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Fragile {
    Said {
        #[serde(serialize_with = "unless_broken")]
        broken: bool,
    },
}

fn unless_broken<S: serde::Serializer>(broken: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    if *broken {
        return Err(serde::ser::Error::custom("on purpose"));
    }
    serializer.serialize_bool(*broken)
}

#[tokio::test]
async fn a_message_that_cannot_be_encoded_reaches_no_member() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Fragile>::new();
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    assert!(membership.broadcast(&Fragile::Said { broken: true }).unwrap_err().is_json());
    assert!(membership.send_to(membership.id().unwrap(), &Fragile::Said { broken: true }).is_err());
    membership.broadcast(&Fragile::Said { broken: false }).unwrap();
    assert_eq!(socket.recv_text().await, r#"{"type":"said","broken":false}"#);
}

/// One encoding serves any number of members.
#[tokio::test]
async fn a_broadcast_is_encoded_once() {
    if !is_alone("rooms::broadcasting::a_broadcast_is_encoded_once") {
        return;
    }
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    #[derive(Serialize, ServerMessage)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Counted {
        Said {
            #[serde(serialize_with = "count")]
            n: usize,
        },
    }
    fn count<S: serde::Serializer>(n: &usize, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.fetch_add(1, Ordering::SeqCst);
        serializer.serialize_u64(*n as u64)
    }
    const MEMBERS: usize = 100;
    const LARGE: usize = 1 << 19;
    let mut connector = Connector::new();
    let rooms = Rooms::<Counted>::new();
    let large = Rooms::<Message>::new();
    let mut guests = Vec::new();
    for _ in 0..MEMBERS {
        let (socket, ws) = connector.open().await;
        guests.push((socket, rooms.join("room", &ws).unwrap(), large.join("room", &ws).unwrap()));
    }
    assert_eq!(rooms.room("room").broadcast(&Counted::Said { n: 1 }).unwrap().queued, MEMBERS);
    assert_eq!(WRITTEN.load(Ordering::SeqCst), 1);
    // The members share its bytes.
    let message = Message::Binary(vec![0; LARGE].into());
    let before = heap();
    assert_eq!(large.room("room").broadcast(&message).unwrap().queued, MEMBERS);
    let grown = heap() - before;
    assert!(grown < LARGE + LARGE / 2, "{grown} bytes for {MEMBERS} members");
}

/// Many senders at once: messages of one sender keep their order, and all members see all messages
/// in the same order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_member_sees_the_same_order() {
    const SENDERS: usize = 8;
    const MESSAGES: usize = 250;
    const MEMBERS: usize = 12;
    // No member is closed for being behind.
    let outbox = WebSocketConfig::default().outbox_messages(SENDERS * MESSAGES);
    let mut connector = Connector::with(outbox, |client| client);
    let rooms = Rooms::<Tell>::with_config(RoomConfig::default().history(History::default()));
    let mut members = JoinSet::new();
    let mut seats = Vec::new();
    for _ in 0..MEMBERS {
        let (mut socket, ws) = connector.open().await;
        seats.push(rooms.join("room", &ws).unwrap());
        members.spawn(async move {
            let mut seen = Vec::new();
            while seen.len() < SENDERS * MESSAGES {
                let next: Seen = socket.recv_json().await;
                seen.push((next.at.unwrap(), next.from, next.n));
            }
            seen
        });
    }
    let start = Arc::new(Barrier::new(SENDERS));
    let threads: Vec<_> = (0..SENDERS)
        .map(|from| {
            let (room, start) = (rooms.room("room"), start.clone());
            std::thread::spawn(move || {
                start.wait();
                for n in 0..MESSAGES {
                    let delivered = room.broadcast(&Tell::Number { from, n }).unwrap();
                    assert_eq!(counts(delivered), (MEMBERS, 0, 0));
                }
            })
        })
        .collect();
    let seen = within("the members", members.join_all()).await;
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(seen.iter().all(|other| *other == seen[0]), "not all in the same order");
    for from in 0..SENDERS {
        let own = seen[0].iter().filter(|(_, sender, _)| *sender == from).map(|(.., n)| *n);
        assert!(own.eq(0..MESSAGES), "the messages of sender {from}");
    }
    for (n, (at, ..)) in seen[0].iter().enumerate() {
        assert_eq!(at.split_once('.').unwrap().1, (n + 1).to_string());
    }
}

#[tokio::test]
async fn a_burst_costs_every_member_one_write() {
    const MEMBERS: usize = 20;
    const BURST: usize = 100;
    let rooms = Rooms::<Message>::new();
    let router = || {
        let rooms = rooms.clone();
        Router::new().websocket("/", move |mut ws: WebSocketConnection| {
            let rooms = rooms.clone();
            async move {
                let _membership = rooms.join("room", &ws)?;
                while ws.recv().await.is_some() {}
                Ok::<_, Error>(Response::ok())
            }
        })
    };
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let (client, pipe) = tokio::io::duplex(64 << 10);
        let writes = Arc::new(AtomicUsize::new(0));
        let transport = CountedWrites::new(pipe, writes.clone());
        members.push((transport::open(router(), client, transport).await, writes));
    }
    let room = rooms.room("room");
    until("all are in", || room.len() == MEMBERS).await;
    for _ in 0..10 {
        members.iter().for_each(|(_, writes)| writes.store(0, Ordering::SeqCst));
        for _ in 0..BURST {
            assert_eq!(room.broadcast(&Message::from("burst")).unwrap().queued, MEMBERS);
        }
        for (client, writes) in &mut members {
            let mut bytes = vec![0; BURST * 7];
            client.read_exact(&mut bytes).await.unwrap();
            assert!(bytes.chunks(7).all(|frame| frame == b"\x81\x05burst"));
            assert_eq!(writes.load(Ordering::SeqCst), 1);
        }
    }
}

/// A handler's broadcast is in the same write as the messages that the handler sends itself.
#[tokio::test]
async fn a_handlers_sends_and_broadcasts_keep_their_order() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Message>::new();
    let (mut socket, ws) = connector.open().await;
    let one = rooms.join("one", &ws).unwrap();
    let two = rooms.join("two", &ws).unwrap();
    for n in 0..100 {
        ws.try_send(Message::from(format!("own {n}"))).unwrap();
        one.broadcast(&Message::from(format!("one {n}"))).unwrap();
        two.broadcast(&Message::from(format!("two {n}"))).unwrap();
    }
    for n in 0..100 {
        for from in ["own", "one", "two"] {
            assert_eq!(socket.recv_text().await, format!("{from} {n}"));
        }
    }
}

/// A broadcast can be made where there is no runtime at all.
#[test]
fn a_broadcast_needs_no_runtime() {
    let rooms = Rooms::<Tell>::with_config(RoomConfig::default().history(History::default()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut connector = Connector::new();
    let (mut socket, ws) = runtime.block_on(connector.open());
    let membership = rooms.join("room", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    let seen: Seen = runtime.block_on(socket.recv_json());
    assert_eq!(seen.n, 1);
    drop(membership);
}

#[tokio::test]
async fn a_broadcast_does_not_poll_the_members_handlers() {
    let rooms = Rooms::<Tell>::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let handler = {
        let (rooms, polls) = (rooms.clone(), polls.clone());
        move |mut ws: WebSocketConnection| {
            let (rooms, polls) = (rooms.clone(), polls.clone());
            async move {
                let _membership = rooms.join("room", &ws).unwrap();
                let mut echo = std::pin::pin!(async {
                    while let Some(message) = ws.recv().await {
                        ws.send(message).await.unwrap();
                    }
                });
                std::future::poll_fn(|cx| {
                    polls.fetch_add(1, Ordering::SeqCst);
                    echo.as_mut().poll(cx)
                })
                .await;
                Response::ok()
            }
        }
    };
    let mut socket = TestClient::new(Router::new().websocket("/", handler)).unwrap().connect("/").await;
    socket.send_text("here").await;
    socket.recv_text().await;
    let before = polls.load(Ordering::SeqCst);
    for n in 0..100 {
        rooms.room("room").broadcast(&Tell::number(n)).unwrap();
        socket.recv_text().await;
    }
    assert_eq!(polls.load(Ordering::SeqCst), before);
    socket.send_text("still here").await;
    socket.recv_text().await;
    assert_ne!(polls.load(Ordering::SeqCst), before);
}
