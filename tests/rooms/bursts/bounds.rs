//! Bounds of a burst.

use std::time::Duration;

use ignitia::{
    rooms::{Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use super::{GRACE, policies, quiet, rooms};
use crate::{
    rooms::{Connector, Seen, Tell, counts, crowds::UndecidedConnector, mark, rooms_with},
    support::{heap, is_alone},
};

/// There is no transport yet, so nothing is written: the policy applies beyond the largest burst.
#[tokio::test]
async fn the_largest_burst_is_what_the_configuration_says() {
    let config = WebSocketConfig::default().outbox_messages(10).outbox_burst(20);
    for overflow in policies() {
        let name = format!("{overflow:?}");
        let guest = UndecidedConnector::with(config.clone()).connect().await;
        let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(4));
        let seat = rooms.join("room", &guest.ws).unwrap();
        for n in 0..200 {
            assert_eq!(counts(seat.broadcast(&Tell::number(n)).unwrap()), (1, 0, 0), "{name}: at {n}");
        }
        let more = counts(seat.broadcast(&Tell::number(200)).unwrap());
        assert_eq!(more, if name == "Close" { (0, 0, 1) } else { (0, 1, 0) }, "{name}");
    }
    // The same in bytes.
    let config = WebSocketConfig::default().outbox_bytes(10_000).outbox_burst(20);
    let guest = UndecidedConnector::with(config).connect().await;
    let seat = rooms(Overflow::Close).join("room", &guest.ws).unwrap();
    let queued = (0..300).take_while(|n| seat.broadcast(&Tell::padded(*n, 950)).unwrap().closed == 0).count();
    assert!((190..=210).contains(&queued), "{queued} of about 1,000 bytes");
}

/// One connection in several rooms has one burst.
#[tokio::test]
async fn a_connection_has_one_burst_for_all_its_rooms() {
    let config = WebSocketConfig::default().outbox_messages(10).outbox_burst(20);
    let guest = UndecidedConnector::with(config).connect().await;
    let rooms = rooms_with(RoomConfig::default().overflow(Overflow::DropNewest).backlog(4));
    let seats: Vec<_> = (0..5).map(|n| rooms.join(format!("{n}"), &guest.ws).unwrap()).collect();
    let mut queued = 0;
    for n in 0..100 {
        for seat in &seats {
            queued += seat.broadcast(&Tell::number(n)).unwrap().queued;
        }
    }
    assert_eq!(queued, 200);
}

/// Leaving does not make a member slow: messages from before still arrive, from any number of
/// rooms.
#[tokio::test(start_paused = true)]
async fn messages_before_a_member_left_still_arrive() {
    const ROOMS: usize = 100;
    for overflow in policies() {
        let mut connector = Connector::with(quiet(), |client| client);
        let rooms = rooms(overflow);
        let (mut socket, ws) = connector.open().await;
        let mut seats: Vec<_> = (0..ROOMS).map(|n| rooms.join(format!("{n}"), &ws).unwrap()).collect();
        for n in 0..100 {
            for (from, seat) in seats.iter().enumerate() {
                assert_eq!(seat.broadcast(&Tell::Number { from, n }).unwrap().queued, 1);
            }
        }
        seats.truncate(ROOMS / 2);
        // The member joins again, and continues behind the earlier messages.
        for (from, seat) in seats.iter_mut().enumerate() {
            seat.enter(&ws).unwrap();
            assert_eq!(seat.broadcast(&Tell::Number { from, n: 100 }).unwrap().queued, 1);
        }
        mark(&ws);
        let mut next = [0; ROOMS];
        let mut came = 0;
        while came < ROOMS * 100 + ROOMS / 2 {
            let seen: Seen = socket.recv_json().await;
            if seen.tag == "mark" {
                continue;
            }
            assert_eq!((&*seen.tag, seen.n), ("number", next[seen.from]), "a hole or a double");
            next[seen.from] += 1;
            came += 1;
        }
    }
}

/// The member joins, gets a burst, leaves and joins again, and reads nothing: the earlier bursts
/// count.
#[tokio::test]
async fn leaving_in_a_burst_again_and_again_is_bounded() {
    if !is_alone("rooms::bursts::bounds::leaving_in_a_burst_again_and_again_is_bounded") {
        return;
    }
    let config = WebSocketConfig::default().outbox_bytes(64 << 10);
    for overflow in policies() {
        let name = format!("{overflow:?}");
        let guest = UndecidedConnector::with(config.clone()).connect().await;
        let rooms = rooms(overflow);
        let before = heap();
        for _ in 0..200 {
            let Ok(seat) = rooms.join("room", &guest.ws) else { break };
            for n in 0..100 {
                seat.broadcast(&Tell::padded(n, 1_000)).unwrap();
            }
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 20 * (64 << 10), "{name}: {} KiB", grown >> 10);
    }
}

/// Waiting messages are shared: a hundred members that do not read take as much as one.
#[tokio::test(start_paused = true)]
async fn a_burst_is_kept_once_for_all_members() {
    if !is_alone("rooms::bursts::bounds::a_burst_is_kept_once_for_all_members") {
        return;
    }
    const MEMBERS: usize = 100;
    let mut connector = Connector::with(quiet(), |client| client.pipe_capacity(1_024));
    let rooms = rooms(Overflow::Close);
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let (socket, ws) = connector.open().await;
        members.push((rooms.join("room", &ws).unwrap(), socket, ws));
    }
    let room = rooms.room("room");
    let before = heap();
    for n in 0..3_000 {
        assert_eq!(room.broadcast(&Tell::padded(n, 4_040)).unwrap().queued, MEMBERS);
        if n % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let grown = heap().saturating_sub(before);
    // 12 MiB for all, and for each its references to them.
    assert!(grown < (14 << 20) + MEMBERS * (400 << 10), "{} MiB", grown >> 20);
    println!("{} MiB", grown >> 20);
    tokio::time::sleep(GRACE + Duration::from_millis(100)).await;
    assert_eq!(room.len(), 0);
    let left = heap().saturating_sub(before);
    assert!(
        left < (6 << 20) + MEMBERS * (40 << 10),
        "{} KiB are left of a burst that is not read",
        left >> 10
    );
}
