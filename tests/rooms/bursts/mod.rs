//! Bursts of broadcasts: a loop of broadcasts does not make a member slow, and members that do not
//! read are still detected.

mod bounds;
mod readers;
mod slow_members;

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use super::{Tell, rooms_with};

/// Bursts that are guaranteed to fit: number of messages, and the size to which each is padded.
const BURSTS: [(usize, usize); 2] = [(10_000, 60), (3_000, 4_040)];

/// Time that a member may be behind, and the grace period of a quarter of a second.
const GRACE: Duration = Duration::from_millis(10_250);

fn policies() -> [Overflow<Tell>; 4] {
    [Overflow::Close, Overflow::DropOldest, Overflow::DropNewest, Overflow::coalesce(|_: &Tell| 0)]
}

fn rooms(overflow: Overflow<Tell>) -> Rooms<Tell> {
    rooms_with(RoomConfig::default().overflow(overflow))
}

fn quiet() -> WebSocketConfig {
    WebSocketConfig::default().keepalive_interval(None)
}
