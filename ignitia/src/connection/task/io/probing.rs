//! State of the probes of a silent peer.

use std::time::Duration;

use crate::time::Instant;

/// Shortest interval of probes.
const SHORTEST: Duration = Duration::from_millis(1);

/// Probes of a peer whose program is silent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probing {
    pub(super) interval: Duration,
    /// Time of the last probe, or of the handler's last work: the peer may have waited for that.
    pub(super) since: Instant,
    pub(super) is_asked: bool,
}

impl Probing {
    pub(super) fn new(interval: Duration, now: Instant) -> Self {
        Self { interval: interval.max(SHORTEST), since: now, is_asked: false }
    }

    /// Returns `true` if the peer was asked and has not answered.
    pub(super) fn awaits_answer(&self, last_data: Instant) -> bool {
        self.is_asked && last_data < self.since
    }
}
