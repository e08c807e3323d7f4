//! The end of a server whose rooms are in use: members that read get everything, and the others
//! delay nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ignitia::{
    DrainConfig,
    prelude::*,
    rooms::{Delivered, Overflow, RoomConfig},
    testing::TestSocket,
    websocket::WebSocketConfig,
};
use tokio::{task::JoinSet, time::Instant};

use super::{
    Connector, Seen, Tell, rooms_with,
    sockets::{number, stay},
};
use crate::support::{End, close, everywhere, until, within};

const MESSAGES: usize = 60;
const SIZE: usize = 4_096;
const BACKLOG: usize = 8;

/// Number of members that read all the time; the others never read again.
const CLEAN: usize = 5;
const STALLED: usize = 3;

/// Reads to the close frame. Every message up to [`MESSAGES`] has come by then, or a notice stands
/// in its place.
async fn read_to_the_end(socket: &mut TestSocket) -> (u16, usize, usize) {
    let (mut next, mut told) = (1, 0);
    loop {
        match socket.recv().await {
            Some(Message::Text(text)) => {
                let seen: Seen = serde_json::from_str(&text).unwrap();
                if seen.tag == "$lagged" {
                    next += seen.missed;
                    told += seen.missed;
                } else {
                    assert_eq!(seen.n, next, "a hole or a double without a word");
                    next += 1;
                }
            }
            Some(Message::Close(frame)) => return (frame.unwrap().code, next - 1, told),
            other => panic!("{other:?} instead of a close frame"),
        }
    }
}

/// Three members never read again, one begins to read during the drain, and the others have read
/// all the time.
async fn drains_under(overflow: Overflow<Tell>, lagging_code: u16) {
    let config = WebSocketConfig::default()
        .outbox_messages(32)
        .outbox_burst(1)
        .keepalive_interval(None)
        .write_stall(Duration::from_secs(300));
    let mut connector = Connector::with(config, |client| client.pipe_capacity(SIZE));
    let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(BACKLOG));
    let room = rooms.room("room");
    // The memberships outlive their connections.
    let mut seats = Vec::new();
    let mut sockets = Vec::new();
    let mut handles = Vec::new();
    for _ in 0..CLEAN + 1 + STALLED {
        let (socket, ws) = connector.open().await;
        seats.push(rooms.join("room", &ws).unwrap());
        sockets.push(socket);
        handles.push(ws);
    }
    let stalled = sockets.split_off(CLEAN + 1);
    let mut late = sockets.pop().unwrap();
    for n in 1..=MESSAGES {
        room.broadcast(&Tell::padded(n, SIZE)).unwrap();
        for socket in &mut sockets {
            assert_eq!(socket.recv_json::<Seen>().await.n, n);
        }
    }
    // This message is on its way when the drain begins.
    room.broadcast(&Tell::padded(MESSAGES + 1, SIZE)).unwrap();

    let start = Instant::now();
    let shutdown = connector.client.shutdown();
    let drain = tokio::spawn(async move { shutdown.drain().await });
    // By then the drain has closed every connection.
    tokio::time::sleep(2 * DrainConfig::default().jitter).await;
    assert!(handles.iter().all(WebSocketConnection::is_closed));
    let (code, reached, told) = read_to_the_end(&mut late).await;
    assert_eq!(code, lagging_code);
    if code == 1001 {
        assert_eq!(reached, MESSAGES + 1, "{told} were told");
    }
    let mut clean = JoinSet::new();
    for mut socket in sockets {
        clean.spawn(async move {
            assert_eq!(socket.recv_json::<Seen>().await.n, MESSAGES + 1);
            assert_eq!(socket.expect_close(1001).await.reason, "the server is shutting down");
        });
    }
    clean.join_all().await;
    let report = drain.await.unwrap();
    assert_eq!((report.clean, report.aborted), (CLEAN + 1, STALLED));
    let timeout = DrainConfig::default().timeout;
    assert_eq!(
        start.elapsed().as_secs(),
        timeout.as_secs(),
        "the deadline is what the stalled are waited for"
    );
    assert!(rooms.is_empty(), "no member is left after a drain");
    assert_eq!(room.broadcast(&Tell::number(0)).unwrap(), Delivered::default());
    assert!(seats.iter().all(|seat| seat.is_empty()));
    drop(stalled);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_while_slow_members_are_closed() {
    drains_under(Overflow::Close, 1013).await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_while_the_oldest_messages_are_dropped() {
    drains_under(Overflow::DropOldest, 1001).await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_while_the_newest_messages_are_dropped() {
    drains_under(Overflow::DropNewest, 1001).await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_while_messages_are_coalesced_by_key() {
    let by_number = Overflow::coalesce(|tell: &Tell| match tell {
        Tell::Number { n, .. } | Tell::Padded { n, .. } => *n,
    });
    drains_under(by_number, 1001).await;
}

/// Broadcasts continue while the server ends: those from before arrive ahead of the close frame,
/// and nothing behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_drain_during_broadcasts_loses_nothing_before_the_close_frame() {
    const PEERS: usize = 6;
    // No peer is closed for being behind.
    let config = WebSocketConfig::default().outbox_messages(1 << 30).outbox_bytes(1 << 40);
    let rooms = Rooms::<Tell>::new();
    let router = || Router::new().state(rooms.clone()).websocket_with("/", stay, config.clone());
    everywhere(router, async |server| {
        let sent = Arc::new(AtomicUsize::new(0));
        let mut sockets = Vec::new();
        for _ in 0..PEERS {
            sockets.push(server.open("/").await);
        }
        let room = rooms.room("room");
        until("all are in", || room.len() == PEERS).await;
        let sender = {
            let (room, sent) = (room.clone(), sent.clone());
            std::thread::spawn(move || {
                for n in 1.. {
                    let delivered = room.broadcast(&Tell::number(n)).unwrap();
                    if delivered == Delivered::default() {
                        break;
                    }
                    sent.store(n, Ordering::SeqCst);
                    std::thread::yield_now();
                }
            })
        };
        let mut peers = JoinSet::new();
        for mut socket in sockets {
            peers.spawn(async move {
                let mut last = 0;
                while let Some(n) = number(socket.frame().await, 1001) {
                    assert_eq!(n, last + 1, "a hole or a double");
                    last = n;
                }
                socket.send(&close(1001, "")).await;
                assert_eq!(socket.end().await, End::Eof);
                last
            });
        }
        until("it is in full flight", || sent.load(Ordering::SeqCst) > 1_000).await;
        let before = sent.load(Ordering::SeqCst);
        let done = server.stop();
        let seen = within("the peers", peers.join_all()).await;
        assert!(seen.iter().all(|last| *last >= before), "{before} were sent before the drain: {seen:?}");
        let report = within("the end of the server", done).await.unwrap();
        assert_eq!((report.clean, report.aborted), (PEERS, 0));
        assert!(rooms.is_empty());
        sender.join().unwrap();
    })
    .await;
}
