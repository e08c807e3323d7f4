//! Members that read: a burst loses nothing for them.

use std::time::Duration;

use ignitia::{prelude::*, rooms::Overflow, websocket::WebSocketConfig};

use super::{BURSTS, policies, quiet, rooms};
use crate::{
    rooms::{
        Tell, counts,
        sockets::{number, stay},
    },
    support::{Transport, until},
};

/// One loop without an await: members that read get all of it, in order.
async fn members_that_read_lose_nothing(transport: Transport, overflow: Overflow<Tell>) {
    let name = format!("{transport:?}, {overflow:?}");
    let rooms = rooms(overflow);
    // A slow machine may read slowly; another test is about that.
    let config = quiet().lag_after(Duration::from_secs(100));
    let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
    let server = transport.serve(router).await;
    let mut peers = Vec::new();
    for _ in 0..2 {
        peers.push(server.open("/").await);
    }
    let room = rooms.room("room");
    until("all are in", || room.len() == 2).await;
    for (messages, size) in BURSTS {
        for n in 0..messages {
            let delivered = room.broadcast(&Tell::padded(n, size)).unwrap();
            assert_eq!(counts(delivered), (2, 0, 0), "{name}: at {n} of {messages}");
        }
        for n in 0..messages {
            for peer in &mut peers {
                assert_eq!(number(peer.frame().await, 0), Some(n), "{name}: at {n} of {messages}");
            }
        }
    }
}

#[tokio::test]
async fn a_loop_of_broadcasts_loses_nothing_for_members_that_read() {
    for overflow in policies() {
        members_that_read_lose_nothing(Transport::Plain, overflow).await;
    }
    for transport in [Transport::Tls, Transport::Http2] {
        members_that_read_lose_nothing(transport, Overflow::Close).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_of_broadcasts_on_another_thread_loses_nothing_for_members_that_read() {
    members_that_read_lose_nothing(Transport::Plain, Overflow::Close).await;
    members_that_read_lose_nothing(Transport::Plain, Overflow::DropOldest).await;
}

/// The loop takes longer than `lag_after`: no member had a chance to read meanwhile.
#[tokio::test]
async fn a_stall_of_our_process_does_not_make_a_member_slow() {
    for overflow in policies() {
        let rooms = rooms(overflow);
        let config =
            WebSocketConfig::default().lag_after(Duration::from_millis(300)).keepalive_interval(None);
        let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
        let server = Transport::Plain.serve(router).await;
        let mut peer = server.open("/").await;
        let room = rooms.room("room");
        until("it is in", || room.len() == 1).await;
        let mut read = 0;
        for part in 1..=3 {
            for n in (part - 1) * 4_000..part * 4_000 {
                assert_eq!(room.broadcast(&Tell::padded(n, 100)).unwrap().queued, 1);
            }
            // The task has filled the socket and rests: now everything stands still for longer than
            // `lag_after`.
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_millis(1_500));
            while read < part * 4_000 {
                assert_eq!(number(peer.frame().await, 0), Some(read));
                read += 1;
            }
        }
    }
}
