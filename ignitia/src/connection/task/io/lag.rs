//! Backpressure of rooms: the time for which broadcasts have waited.

use std::time::Duration;

use crate::time::Instant;

/// State of broadcasts that wait beside the send queue, while the transport takes nothing or too
/// little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lag {
    /// None wait.
    No,
    /// Some have waited since then.
    Since(Instant),
    /// They have waited for too long: the rooms treat the member as slow.
    Slow,
}

impl Lag {
    pub(super) fn put_back(&mut self, late: Duration) {
        if let Self::Since(since) = self {
            *since += late;
        }
    }
}
