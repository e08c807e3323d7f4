//! Memory that a stalled member and a history hold.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use super::{BACKLOG, Crowd, SIZE};
use crate::{
    rooms::{Connector, Tell, rooms_with},
    support::{heap, is_alone},
};

/// Whatever is broadcast, a stalled member holds no more than its queue and its backlog.
#[tokio::test(start_paused = true)]
async fn the_memory_of_a_stalled_member_is_bounded() {
    if !is_alone("rooms::overflow::memory::the_memory_of_a_stalled_member_is_bounded") {
        return;
    }
    for overflow in [
        Overflow::Close,
        Overflow::DropOldest,
        Overflow::DropNewest,
        Overflow::coalesce(|tell: &Tell| matches!(tell, Tell::Number { .. })),
    ] {
        let name = format!("{overflow:?}");
        let mut crowd = Crowd::new(overflow, 2).await;
        let before = heap();
        crowd.send(1..=500).await;
        let grown = heap().saturating_sub(before);
        // 64 KiB and a backlog of 8 messages, or 32 messages in the queue; and the rounding of
        // allocators.
        assert!(grown < 3 * (64 << 10) + BACKLOG * SIZE, "{name}: {grown} bytes");
        println!("{name}: {grown} bytes");
    }
}

/// The same with large messages: `outbox_bytes` bounds a connection, and `outbox_burst` times as
/// much one that is not known to be slow.
#[tokio::test(start_paused = true)]
async fn the_memory_of_a_stalled_member_is_bounded_in_bytes() {
    if !is_alone("rooms::overflow::memory::the_memory_of_a_stalled_member_is_bounded_in_bytes") {
        return;
    }
    const LARGE: usize = 1 << 20;
    let config = WebSocketConfig::default().keepalive_interval(None);
    for overflow in [Overflow::Close, Overflow::DropOldest, Overflow::DropNewest] {
        let name = format!("{overflow:?}");
        let mut connector = Connector::with(config.clone(), |client| client);
        let rooms = Rooms::<Message>::with_config(RoomConfig::default().overflow(overflow));
        let (_socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        let before = heap();
        for n in 0..100 {
            membership.broadcast(&Message::Binary(vec![n; LARGE].into())).unwrap();
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 18 * LARGE, "{name}: {} MiB for one stalled member", grown >> 20);
        tokio::time::sleep(Duration::from_secs(11)).await;
        let grown = heap().saturating_sub(before);
        // The 1 MiB of the queue, and one message above it.
        assert!(grown < 4 * LARGE, "{name}: {} MiB for one stalled member", grown >> 20);
    }
}

/// A history is bounded in bytes, whatever its messages are.
#[tokio::test]
async fn the_memory_of_a_history_is_bounded() {
    if !is_alone("rooms::overflow::memory::the_memory_of_a_history_is_bounded") {
        return;
    }
    let rooms = rooms_with(RoomConfig::default().history(History::default()));
    let room = rooms.room("room");
    let before = heap();
    for n in 0..10_000 {
        room.broadcast(&Tell::padded(n, n % 4_000)).unwrap();
    }
    let grown = heap() - before;
    assert!(grown < 3 << 19, "{grown} bytes");
}
