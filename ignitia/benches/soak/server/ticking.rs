//! Numbered broadcasts. The number is all of a text, and the beginning of what is binary.

use std::time::Duration;

use ignitia::{Room, prelude::*};
use tokio::time::{MissedTickBehavior, interval};

const TICK: Duration = Duration::from_millis(250);
const GUSH: Duration = Duration::from_millis(25);
const LARGE: usize = 16 << 10;

pub(super) async fn tick(room: Room<Message>) {
    let mut interval = interval(TICK);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u64.. {
        interval.tick().await;
        room.broadcast(&Message::from(number.to_string())).unwrap();
    }
}

pub(super) async fn pour(room: Room<Message>) {
    let mut interval = interval(GUSH);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u64.. {
        interval.tick().await;
        let mut bytes = vec![0; LARGE];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        room.broadcast(&Message::Binary(bytes.into())).unwrap();
    }
}
