//! Whether the peer keeps up with its rooms.

use std::time::{Duration, Instant};

use super::ConnectionIo;
use crate::{
    connection::{config::WebSocketConfig, state::Shared},
    time::after,
};

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

impl ConnectionIo {
    /// Looks how long broadcasts have waited, now that everything was written that the transport took; the next time to
    /// look. A burst that is being written is nobody's fault, nor is the time in which this task had no turn.
    pub(super) fn check_lag(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        if self.lag == Lag::No && !self.is_writing() {
            return None;
        }
        shared.with(|state, after_unlock| {
            if !self.is_writing() || state.backlogs.is_empty() {
                self.lag = Lag::No;
                state.is_slow = false;
                return None;
            }
            let since = match self.lag {
                Lag::No => now,
                Lag::Since(since) => since,
                Lag::Slow => return None,
            };
            let deadline = after(since, config.lag_after);
            if now >= deadline && self.grace_period.is_over(now) {
                self.lag = Lag::Slow;
                state.fall_behind(config, after_unlock);
                return None;
            }
            self.lag = Lag::Since(since);
            Some(deadline)
        })
    }
}
