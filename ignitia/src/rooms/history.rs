//! What a room remembers, so that those who come back miss nothing.

use std::time::Duration;

use super::position::Position;

/// How much a room remembers: what is over any of these is forgotten, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// Messages. Default 1,000.
    pub messages: usize,
    /// Bytes of encoded messages. Default 1 MiB.
    pub bytes: usize,
    /// Age. An empty room that was ever sent a message is kept that long, from the last message or from when the last
    /// member left, whichever was later. Default 5 minutes.
    pub age: Duration,
}

impl Default for History {
    fn default() -> Self {
        Self { messages: 1_000, bytes: 1 << 20, age: Duration::from_secs(300) }
    }
}

/// What somebody gets who comes back to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// They showed no position.
    Fresh,
    /// Everything that they missed, this many messages, is sent to them first, in order.
    Recovered(usize),
    /// What they missed is not known any more. They have to load the room's state anew; the position is the present one,
    /// if the room has a history at all.
    Lost(Option<Position>),
}
