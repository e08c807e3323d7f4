//! Memory that one peer can make the server hold by way of its rooms.

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use super::{Tell, crowds::UndecidedConnector, event, rooms_with};
use crate::support::{heap, is_alone};

/// Returns a connection whose send queue is full and whose peer does not read.
async fn stalled(undecided_connector: &mut UndecidedConnector) -> super::crowds::Undecided {
    let guest = undecided_connector.connect().await;
    let seat = Rooms::<Message>::with_config(RoomConfig::default().overflow(Overflow::DropNewest))
        .join("full", &guest.ws)
        .unwrap();
    while seat.broadcast(&Message::from("x".repeat(1_000))).unwrap().lagging == 0 {}
    guest
}

/// A peer that does not read joins one room after the other and leaves; each has a message that
/// cannot be sent to it. The notices of missing messages are bounded, or the connection is closed.
#[tokio::test]
async fn rooms_that_a_stalled_member_has_left_are_bounded() {
    if !is_alone("rooms::bounds::rooms_that_a_stalled_member_has_left_are_bounded") {
        return;
    }
    const ROOMS: usize = 5_000;
    let rooms = rooms_with(RoomConfig::default().overflow(Overflow::DropOldest));
    let guest = stalled(&mut UndecidedConnector::new()).await;
    let long = "a name that the peer chose ".repeat(40);
    let before = heap();
    for n in 0..ROOMS {
        let Ok(seat) = rooms.join(format!("{long}{n}"), &guest.ws) else { break };
        seat.broadcast(&Tell::number(n)).unwrap();
        drop(seat);
    }
    assert!(rooms.is_empty());
    let grown = heap().saturating_sub(before);
    assert!(grown < 2 << 20, "{} KiB for one stalled connection", grown >> 10);
}

/// The same peer in many rooms at once: `outbox_bytes` bounds a connection, and `outbox_burst` its
/// bursts.
#[tokio::test]
async fn the_memory_of_a_stalled_connection_in_many_rooms_is_bounded() {
    if !is_alone("rooms::bounds::the_memory_of_a_stalled_connection_in_many_rooms_is_bounded") {
        return;
    }
    const ROOMS: usize = 50;
    for (burst, overflow) in [
        (1, Overflow::DropOldest),
        (1, Overflow::DropNewest),
        (8, Overflow::DropOldest),
        (8, Overflow::DropNewest),
    ] {
        let config = WebSocketConfig::default().outbox_burst(burst);
        let cap = (3 + burst) * config.outbox_bytes;
        let name = format!("{overflow:?}, {burst}");
        let rooms = rooms_with(RoomConfig::default().overflow(overflow));
        let guest = stalled(&mut UndecidedConnector::with(config.clone())).await;
        let seats: Vec<_> = (0..ROOMS).filter_map(|n| rooms.join(format!("{n}"), &guest.ws).ok()).collect();
        let before = heap();
        for seat in &seats {
            for n in 0..200 {
                seat.broadcast(&Tell::padded(n, 8_000)).unwrap();
            }
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < cap, "{name}: {} MiB for one stalled connection", grown >> 20);
    }
}

/// Empty rooms remember 64 MiB in all, by whichever handle they are sent to.
#[tokio::test]
async fn empty_rooms_that_are_sent_to_by_former_members_are_bounded() {
    const ROOMS: usize = 100;
    let rooms = rooms_with(RoomConfig::default().history(History::default()));
    let guest = UndecidedConnector::new().connect().await;
    let mut seats: Vec<_> = (0..ROOMS).map(|n| rooms.join(format!("{n}"), &guest.ws).unwrap()).collect();
    for seat in &mut seats {
        seat.broadcast(&Tell::number(0)).unwrap();
        seat.leave();
    }
    // `on_close` may do this to say goodbye.
    for seat in &seats {
        seat.broadcast(&Tell::padded(1, (1 << 20) - 200)).unwrap();
    }
    drop(rooms.join("elsewhere", &guest.ws).unwrap());
    let kept = rooms.len();
    assert!(kept <= 64, "{kept} rooms of 1 MiB are kept");
    assert!(kept >= 60, "{kept} rooms of 1 MiB are kept");
}

/// No connection can join the room any more, so it will have no events.
#[tokio::test(start_paused = true)]
async fn a_watch_ends_with_the_last_handle_of_its_rooms() {
    let guest = UndecidedConnector::new().connect().await;
    for history in [None, Some(History::default())] {
        let rooms = rooms_with(RoomConfig::default().history(history));
        let seat = rooms.join("room", &guest.ws).unwrap();
        seat.broadcast(&Tell::number(1)).unwrap();
        let mut watch = seat.watch();
        drop((seat, rooms));
        assert_eq!(event(&mut watch).await.0, "left");
        assert_eq!(event(&mut watch).await.0, "over", "with {history:?}");
    }
}
