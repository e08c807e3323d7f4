//! Configuration of a room's history, and the outcome of a return to it.

use std::time::Duration;

use super::position::Position;

/// Limits of a room's history. If one of them is exceeded, the oldest messages are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// Number of messages. Default 1,000.
    pub messages: usize,
    /// Bytes of the encoded messages, their compressed forms included. Default 1 MiB.
    pub bytes: usize,
    /// Age of a message. An empty room that ever had a message is kept as long, counted from the
    /// last message or from the time when the last member left, whichever was later. Default 5
    /// minutes.
    pub age: Duration,
}

setters!(History { messages: usize, bytes: usize, age: Duration });

impl Default for History {
    fn default() -> Self {
        Self { messages: 1_000, bytes: 1 << 20, age: Duration::from_secs(300) }
    }
}

/// Outcome of a client's return to a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeOutcome {
    /// The client showed no position.
    Fresh,
    /// The history has everything that the client missed. These messages, in this number, are sent
    /// to it first, in order.
    Recovered(usize),
    /// Messages that the client missed are forgotten. It has to load the room's state anew; the
    /// position is the present one, if the room has a history.
    Lost(Option<Position>),
}
