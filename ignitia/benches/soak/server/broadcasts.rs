//! Numbered broadcasts. A text consists of its number, a binary message begins with it.

use std::time::Duration;

use ignitia::{Room, prelude::*};
use tokio::time::{MissedTickBehavior, interval};

const SMALL_INTERVAL: Duration = Duration::from_millis(250);
const LARGE_INTERVAL: Duration = Duration::from_millis(25);
const LARGE_SIZE: usize = 16 << 10;

/// Broadcasts small messages, which every member can read in time.
pub(super) async fn send_small(room: Room<Message>) {
    let mut interval = interval(SMALL_INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u64.. {
        interval.tick().await;
        room.broadcast(&Message::from(number.to_string())).unwrap();
    }
}

/// Broadcasts more bytes than a slow member reads.
pub(super) async fn send_large(room: Room<Message>) {
    let mut interval = interval(LARGE_INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u64.. {
        interval.tick().await;
        let mut bytes = vec![0; LARGE_SIZE];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        room.broadcast(&Message::Binary(bytes.into())).unwrap();
    }
}
