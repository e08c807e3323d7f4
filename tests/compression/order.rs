//! Order of everything that a connection sends: compressed messages, others, control frames,
//! broadcasts and the close frame, with readers that are slow.

use std::collections::VecDeque;

use bytes::Bytes;
use ignitia::{
    Room,
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::{
    handles::Handles,
    noise,
    peer::{OFFER, Peer},
    prose, with,
};
use crate::support::{BINARY, CLOSE, Dice, PING, PONG, TEXT, Transport, frame, next, transport::serve};

/// A frame to come.
type Expected = (u8, Vec<u8>);

/// Queues a message of any kind and length, or a broadcast to a room that the connection is in.
fn send_any(
    ws: &WebSocketConnection,
    room: &Room<Message>,
    dice: &mut Dice,
    n: usize,
    longest: usize,
) -> Expected {
    let length = *dice.pick(&[0, 1, 20, 255, 256, 300, 700, 5_000, 16_384, 20_000, 70_000]);
    let length = length.min(longest);
    let payload = match dice.roll(3) {
        0 => noise(dice, length),
        _ => prose(n % 50, length).into_bytes(),
    };
    let text = || Message::Text(prose(n % 50, length));
    let binary = || Message::Binary(Bytes::from(payload.clone()));
    let short = || Bytes::copy_from_slice(&n.to_be_bytes());
    let message = match dice.roll(10) {
        0 => Message::Ping(short()),
        1 => Message::Pong(short()),
        2..5 => binary(),
        _ => text(),
    };
    let expected = match &message {
        Message::Text(text) => (TEXT, text.clone().into_bytes()),
        Message::Binary(bytes) => (BINARY, bytes.to_vec()),
        Message::Ping(bytes) => (PING, bytes.to_vec()),
        Message::Pong(bytes) => (PONG, bytes.to_vec()),
        Message::Close(_) => unreachable!("none is sent"),
    };
    let is_data = message.is_data();
    match dice.roll(6) {
        0 | 1 if is_data => drop(room.broadcast(&message).unwrap()),
        2 if is_data => drop(room.uncompressed().broadcast(&message).unwrap()),
        3 => ws.try_send_uncompressed(message).unwrap(),
        _ => ws.try_send(message).unwrap(),
    }
    expected
}

/// Expects these frames, with pongs that were asked for anywhere between them.
async fn expect_all(peer: &mut Peer, expected: &mut VecDeque<Expected>, pongs: &mut usize) {
    while let Some((opcode, payload)) = expected.pop_front() {
        let frame = loop {
            let frame = peer.socket.any_frame().await;
            if frame.opcode == PONG && frame.payload == b"asked" {
                *pongs += 1;
            } else {
                break frame;
            }
        };
        if frame.opcode >= CLOSE {
            assert_eq!((frame.opcode, &frame.payload), (opcode, &payload));
        } else {
            let received = peer.read(frame);
            assert_eq!((received.opcode, received.payload.len()), (opcode, payload.len()));
            assert!(received.payload == payload, "another message of the same length");
        }
    }
}

/// Returns a room of untyped messages with this one member.
fn room_of(rooms: &Rooms<Message>, ws: &WebSocketConnection) -> (Membership<Message>, Room<Message>) {
    let name = format!("{}", ws.id());
    (rooms.join(name.clone(), ws).unwrap(), rooms.room(name))
}

fn routes() -> [(&'static str, WebSocketConfig); 5] {
    let large = |compression: Compression| {
        let config = with(compression).outbox_bytes(64 << 20).outbox_messages(1 << 16);
        config.keepalive_interval(None)
    };
    [
        ("/shared", large(Compression::shared())),
        ("/all", large(Compression::shared().binary(true).min_size(0))),
        ("/dedicated", large(Compression::dedicated().binary(true))),
        ("/nine", large(Compression::dedicated().window_bits(9).binary(true).min_size(0).level(6))),
        ("/fifteen", large(Compression::dedicated().window_bits(15).level(9))),
    ]
}

/// In bursts of all lengths: each is queued before the connection's task has a turn.
#[tokio::test]
async fn everything_comes_in_the_order_in_which_it_was_sent() {
    for (seed, transport) in Transport::ALL.into_iter().enumerate() {
        let mut handles = Handles::over(transport, routes()).await;
        let rooms = Rooms::<Message>::new();
        for (path, _) in routes() {
            let (mut peer, ws) = handles.open(path, OFFER).await;
            let (_membership, room) = room_of(&rooms, &ws);
            let mut dice = Dice(1 + seed as u64);
            let (mut expected, mut asked, mut pongs, mut sent) = (VecDeque::new(), 0, 0, 0);
            for _ in 0..12 {
                if dice.roll(3) == 0 {
                    peer.socket.send(&frame(0x80 | PING, b"asked")).await;
                    asked += 1;
                }
                for _ in 0..1 + dice.roll(8) {
                    expected.push_back(send_any(&ws, &room, &mut dice, sent, 70_000));
                    sent += 1;
                }
                if dice.roll(2) == 0 {
                    expect_all(&mut peer, &mut expected, &mut pongs).await;
                }
            }
            ws.close(Some(CloseFrame { code: 4000, reason: "the end".into() })).await.unwrap();
            expected.push_back((CLOSE, [&4_000_u16.to_be_bytes()[..], b"the end"].concat()));
            expect_all(&mut peer, &mut expected, &mut pongs).await;
            assert!(pongs <= asked);
        }
    }
}

/// The kernel takes parts of frames, and much is queued before the client reads anything.
#[tokio::test]
async fn a_late_reader_gets_everything() {
    for (transport, paths, bytes) in [
        (Transport::Plain, &["/shared", "/dedicated"][..], 3 << 20),
        (Transport::Tls, &["/all"], 3 << 20),
        (Transport::Http2, &["/nine"], 300_000),
    ] {
        let mut handles = Handles::over(transport, routes()).await;
        let rooms = Rooms::<Message>::new();
        for path in paths {
            let (mut peer, ws) = handles.open(path, OFFER).await;
            let (_membership, room) = room_of(&rooms, &ws);
            let mut expected = send_many(&ws, &room, bytes, 70_000).await;
            expect_all(&mut peer, &mut expected, &mut 0).await;
            ws.flush().await.unwrap();
        }
    }
}

/// A transport that takes a few bytes at once: it ends in headers and in payloads.
#[tokio::test]
async fn frames_may_be_cut_anywhere() {
    for (capacity, bytes, longest) in
        [(1, 1_500, 300), (7, 20_000, 5_000), (97, 50_000, 20_000), (4_096, 200_000, 70_000)]
    {
        for (path, config) in routes() {
            let (client, transport) = tokio::io::duplex(capacity);
            let (mut handles, router) = Handles::of([(path, config)]);
            tokio::spawn(serve(router, transport));
            let mut peer = Peer::on(client.into(), path, OFFER).await;
            let ws = next(&mut handles).await;
            let rooms = Rooms::<Message>::new();
            let (_membership, room) = room_of(&rooms, &ws);
            let mut expected = send_many(&ws, &room, bytes, longest).await;
            expect_all(&mut peer, &mut expected, &mut 0).await;
            ws.flush().await.unwrap();
        }
    }
}

/// Sends messages until so many bytes cannot be compressed. Now and then the task has a turn.
async fn send_many(
    ws: &WebSocketConnection,
    room: &Room<Message>,
    bytes: usize,
    longest: usize,
) -> VecDeque<Expected> {
    let (mut dice, mut expected, mut sent) = (Dice(17), VecDeque::new(), 0);
    for n in 0.. {
        let (opcode, payload) = send_any(ws, room, &mut dice, n, longest);
        sent += if opcode == BINARY { payload.len() } else { 0 };
        expected.push_back((opcode, payload));
        if sent >= bytes {
            break;
        }
        if n % 7 == 0 {
            tokio::task::yield_now().await;
        }
    }
    expected
}

/// Broadcasts to several members are written past their tasks, in part if the kernel takes no more.
/// What their own senders queue behind that comes after it.
#[tokio::test]
async fn messages_behind_broadcasts_that_others_have_begun_to_write() {
    const MEMBERS: usize = 5;
    let large = vec![7; 8 << 20];
    // Not much, for more than the kernel takes is to be left.
    let compressible = noise(&mut Dice(3), 8 << 20).into_iter().map(|byte| byte & 0x7f).collect();
    let mut handles = Handles::new(routes()).await;
    for (path, is_compressed) in
        [("/shared", false), ("/dedicated", false), ("/all", true), ("/dedicated", true)]
    {
        let rooms = Rooms::<Message>::new();
        let room = rooms.room("room");
        let (mut peers, mut memberships) = (Vec::new(), Vec::new());
        for _ in 0..MEMBERS {
            let (peer, ws) = handles.open(path, OFFER).await;
            memberships.push(rooms.join("room", &ws).unwrap());
            peers.push((peer, ws));
        }
        let text = |n: usize| prose(n, 3_000);
        room.broadcast(&Message::Text(text(0))).unwrap();
        for (peer, _) in &mut peers {
            assert!(peer.expect_text(&text(0)).await);
        }
        let large = if is_compressed { &compressible } else { &large };
        let sender = if is_compressed { room.clone() } else { room.uncompressed() };
        sender.broadcast(&Message::Binary(large.clone().into())).unwrap();
        // The task that writes was spawned by the broadcast: it has its turn before this one, and
        // those of the connections behind it.
        let senders: Vec<_> = peers.iter().map(|(_, ws)| ws.clone()).collect();
        let behind = tokio::spawn(async move {
            for ws in senders {
                for n in 1..4 {
                    ws.try_send(Message::Text(text(n))).unwrap();
                }
            }
        });
        behind.await.unwrap();
        room.broadcast(&Message::Text(text(4))).unwrap();
        let mut as_it_is = 0;
        for (peer, ws) in &mut peers {
            assert_eq!(peer.expect(BINARY, large).await, is_compressed);
            for n in 1..4 {
                as_it_is += usize::from(!peer.expect_text(&text(n)).await);
            }
            assert!(peer.expect_text(&text(4)).await);
            ws.send_text(text(5)).await.unwrap();
            assert!(peer.expect_text(&text(5)).await);
        }
        // What was queued behind a broadcast that others have begun to write is left as it is.
        assert!(as_it_is > 0, "{path}");
    }
}

/// Two tasks send at the same time, a third one broadcasts: each keeps its order.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn senders_on_several_threads_keep_their_order() {
    const MESSAGES: usize = 200;
    let mut handles = Handles::new(routes()).await;
    let rooms = Rooms::<Message>::new();
    for (path, _) in routes() {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        let (membership, room) = room_of(&rooms, &ws);
        let text = |sender: usize, n: usize| format!("{sender}:{n}:{}", prose(n % 13, n % 900));
        let mut tasks = Vec::new();
        for sender in 0..3 {
            let (ws, room) = (ws.clone(), room.clone());
            tasks.push(tokio::spawn(async move {
                for n in 0..MESSAGES {
                    match sender {
                        0 => ws.send_text(text(0, n)).await.unwrap(),
                        1 => ws.send_text(text(1, n)).uncompressed().await.unwrap(),
                        _ => drop(room.broadcast(&Message::Text(text(2, n))).unwrap()),
                    }
                    if n % 50 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            }));
        }
        let mut next = [0; 3];
        for _ in 0..3 * MESSAGES {
            let received = peer.message().await;
            let mut parts = received.text().splitn(3, ':');
            let sender: usize = parts.next().unwrap().parse().unwrap();
            assert_eq!(received.text(), text(sender, next[sender]));
            next[sender] += 1;
        }
        for task in tasks {
            task.await.unwrap();
        }
        drop(membership);
    }
}
