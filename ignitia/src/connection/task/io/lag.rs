//! Whether the peer keeps up with its rooms.

use std::time::{Duration, Instant};

/// How long broadcasts have waited beside the outbox while the transport took nothing or too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lag {
    /// None have.
    No,
    /// Since then.
    Since(Instant),
    /// For too long: its rooms know.
    Slow,
}

impl Lag {
    pub(super) fn put_back(&mut self, late: Duration) {
        if let Self::Since(since) = self {
            *since += late;
        }
    }
}
