//! Members that do not read, in rooms whose messages are compressed: notices, coalesced and dropped
//! messages come in the right place, and can be read.

use std::time::Duration;

use ignitia::{
    ServerMessage,
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::{CloseKind, Compression, WebSocketConfig},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::unbounded_channel;

use super::{
    peer::{OFFER, Peer},
    with,
};
use crate::support::{CLOSE, Dice, PING, next, transport::serve};

/// Number of letters of a message: without repetitions, they are two thirds of it compressed.
const LETTERS: usize = 3_000;

#[derive(Clone, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Number { n: usize, letters: String },
}

#[derive(Deserialize)]
struct Seen {
    #[serde(rename = "type")]
    tag: String,
    #[serde(default)]
    n: usize,
    #[serde(default)]
    missed: usize,
}

fn tell(n: usize) -> Tell {
    let mut dice = Dice(1 + n as u64);
    Tell::Number { n, letters: (0..LETTERS).map(|_| char::from(b'a' + dice.roll(26) as u8)).collect() }
}

/// Opens a connection over a pipe that holds almost nothing.
async fn member(compression: Option<Compression>, is_slow_at_once: bool) -> (Peer, WebSocketConnection) {
    let (open, mut opened) = unbounded_channel();
    let handler = move |mut ws: WebSocketConnection| {
        let open = open.clone();
        async move {
            ws.accept().await?;
            open.send(ws.clone()).unwrap();
            while ws.recv().await.is_some() {}
            Ok::<_, Error>(Response::ok())
        }
    };
    let config = compression.map_or_else(WebSocketConfig::default, with).keepalive_interval(None);
    let config = config.outbox_messages(8).outbox_burst(if is_slow_at_once { 1 } else { 16 });
    let (client, transport) = tokio::io::duplex(4_096);
    tokio::spawn(serve(Router::new().websocket_with("/", handler, config), transport));
    let peer = Peer::on(client.into(), "/", OFFER).await;
    (peer, next(&mut opened).await)
}

/// Reads the messages up to the end, and returns their numbers and the count of missing ones; every
/// notice stands in the place of what is missing.
async fn read_on(peer: &mut Peer, last: usize, is_coalesced: bool) -> (Vec<usize>, usize) {
    let (mut next, mut missed, mut numbers) = (1, 0, Vec::new());
    while next <= last {
        let received = peer.message().await;
        let seen: Seen = serde_json::from_str(received.text()).unwrap();
        if seen.tag == "$lagged" {
            missed += seen.missed;
            next += seen.missed;
            continue;
        }
        assert!(received.compressed.is_some());
        let expected = serde_json::to_string(&tell(seen.n)).unwrap();
        assert!(received.text() == expected, "message {} is another one", seen.n);
        assert!(seen.n == next || is_coalesced && seen.n > next, "{} instead of {next}: {numbers:?}", seen.n);
        next = seen.n + 1;
        numbers.push(seen.n);
    }
    (numbers, missed)
}

fn modes() -> [Compression; 3] {
    [Compression::shared(), Compression::dedicated(), Compression::dedicated().window_bits(9)]
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_dropped_are_told() {
    const MESSAGES: usize = 60;
    for compression in modes() {
        for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
            let name = format!("{compression:?}, {overflow:?}");
            let rooms = Rooms::<Tell>::with_config(RoomConfig::default().overflow(overflow).backlog(5));
            let (mut peer, ws) = member(Some(compression), true).await;
            let membership = rooms.join("room", &ws).unwrap();
            for round in 0..3 {
                let mut lagging = 0;
                for n in 1..=MESSAGES {
                    lagging += membership.broadcast(&tell(n)).unwrap().lagging;
                    tokio::task::yield_now().await;
                }
                assert!(lagging > 10, "{name}: {lagging}");
                let (numbers, missed) = read_on(&mut peer, MESSAGES, false).await;
                assert_eq!(numbers.len() + missed, MESSAGES, "{name}, round {round}");
                assert!(missed > 10 && numbers.len() > 5, "{name}: {missed} of {MESSAGES}");
            }
            ws.send_text("x".repeat(1_000)).await.unwrap();
            assert!(peer.expect_text(&"x".repeat(1_000)).await, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn coalesced_messages_are_the_newest() {
    const MESSAGES: usize = 60;
    for compression in modes() {
        let by_rest = Overflow::coalesce(|tell: &Tell| match tell {
            Tell::Number { n, .. } => n % 3,
        });
        let rooms = Rooms::<Tell>::with_config(RoomConfig::default().overflow(by_rest).backlog(20));
        let (mut peer, ws) = member(Some(compression), true).await;
        let membership = rooms.join("room", &ws).unwrap();
        for n in 1..=MESSAGES {
            membership.broadcast(&tell(n)).unwrap();
            tokio::task::yield_now().await;
        }
        let (numbers, _) = read_on(&mut peer, MESSAGES, true).await;
        assert!(numbers.ends_with(&[MESSAGES - 2, MESSAGES - 1, MESSAGES]), "{numbers:?}");
        assert!(numbers.len() < MESSAGES / 2, "{numbers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_too_slow_is_closed_behind_what_it_was_sent() {
    for compression in modes() {
        let rooms = Rooms::<Tell>::with_config(RoomConfig::default().overflow(Overflow::Close));
        let (mut peer, ws) = member(Some(compression), true).await;
        let membership = rooms.join("room", &ws).unwrap();
        let mut sent = 0;
        while membership.broadcast(&tell(sent + 1)).unwrap().queued == 1 {
            sent += 1;
            tokio::task::yield_now().await;
        }
        assert!(rooms.room("room").is_empty());
        for n in 1..=sent {
            let expected = serde_json::to_string(&tell(n)).unwrap();
            assert!(peer.expect_text(&expected).await);
        }
        let frame = peer.socket.any_frame().await;
        assert_eq!((frame.opcode, frame.close_code().0), (CLOSE, 1013));
        drop(peer);
        assert_eq!(ws.closed().await.kind, CloseKind::Lagged);
    }
}

/// A burst waits for a peer that is not known to be slow: none of it is lost.
#[tokio::test(start_paused = true)]
async fn a_burst_is_read_completely() {
    const MESSAGES: usize = 100;
    for compression in modes() {
        let rooms = Rooms::<Tell>::with_config(RoomConfig::default().overflow(Overflow::Close));
        let (mut peer, ws) = member(Some(compression), false).await;
        let membership = rooms.join("room", &ws).unwrap();
        for n in 1..=MESSAGES {
            assert_eq!(membership.broadcast(&tell(n)).unwrap().queued, 1);
            if n % 20 == 0 {
                ws.send_ping(n.to_be_bytes()).await.unwrap();
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut next = 1;
        let mut pings = 0;
        while next <= MESSAGES || pings < MESSAGES / 20 {
            let frame = peer.socket.any_frame().await;
            if frame.opcode == PING {
                pings += 1;
                continue;
            }
            let received = peer.read(frame);
            assert!(received.text() == serde_json::to_string(&tell(next)).unwrap(), "{next}");
            next += 1;
        }
    }
}
