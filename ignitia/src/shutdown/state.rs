use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use super::{
    config::DrainConfig,
    report::{DrainCounters, DrainOutcome, DrainReport},
};
use crate::{
    sync::{AtomicU8, CancellationToken, Notify, Ordering, OwnedNotified, TaskTracker},
    time::{Instant, now},
};

/// Time for the closing handshake of connections whose handler takes all of the timeout for a
/// reply.
const LAST_HANDSHAKE: Duration = Duration::from_secs(1);

/// Phase of a shutdown as connections see it. The notice is none of them: it changes no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownPhase {
    Open,
    Draining,
    Aborting,
}

/// State of a shutdown, shared by its handles and watches.
#[derive(Debug, Default)]
pub(crate) struct ShutdownState {
    config: DrainConfig,
    /// The [`ShutdownPhase`], which every connection reads each time it is polled: the tokens below
    /// have locks, for which all connections would contend.
    phase: AtomicU8,
    /// Notified, for the connections, once the phase is that of draining, and of aborting.
    drains: Arc<Notify>,
    aborts: Arc<Notify>,
    pub(super) noticed: CancellationToken,
    pub(super) draining: CancellationToken,
    pub(super) aborting: CancellationToken,
    /// Tracks the tasks that a drain waits for.
    pub(super) tracker: TaskTracker,
    counters: DrainCounters,
    drain_start: OnceLock<Instant>,
}

impl ShutdownState {
    pub(super) fn new(config: DrainConfig) -> Self {
        Self { config, ..Self::default() }
    }

    pub(crate) fn config(&self) -> &DrainConfig {
        &self.config
    }

    pub(super) fn is_phase(&self, phase: ShutdownPhase) -> bool {
        self.phase.load(Ordering::Acquire) == phase as u8
    }

    pub(super) fn phase(&self) -> ShutdownPhase {
        match self.phase.load(Ordering::Acquire) {
            phase if phase == ShutdownPhase::Open as u8 => ShutdownPhase::Open,
            phase if phase == ShutdownPhase::Draining as u8 => ShutdownPhase::Draining,
            _ => ShutdownPhase::Aborting,
        }
    }

    /// Returns a signal that completes if a phase follows this one after the call. It does so after
    /// the [`phase`](Self::phase) has changed.
    pub(super) fn next_phase(&self, phase: ShutdownPhase) -> OwnedNotified {
        let next = if phase == ShutdownPhase::Open { &self.drains } else { &self.aborts };
        next.clone().notified_owned()
    }

    pub(super) fn is_draining(&self) -> bool {
        !self.is_phase(ShutdownPhase::Open)
    }

    pub(super) fn begin_drain(&self) {
        self.drain_start.get_or_init(now);
        self.noticed.cancel();
        self.phase.fetch_max(ShutdownPhase::Draining as u8, Ordering::AcqRel);
        self.drains.notify_waiters();
        self.draining.cancel();
        self.tracker.close();
    }

    pub(super) fn abort(&self) {
        self.begin_drain();
        self.phase.store(ShutdownPhase::Aborting as u8, Ordering::Release);
        self.aborts.notify_waiters();
        self.aborting.cancel();
    }

    /// Returns the deadline of a reply under way: the closing handshake, which follows the reply,
    /// still fits into the timeout.
    pub(crate) fn reply_deadline(&self) -> Instant {
        let timeout = self.config.timeout;
        let wait = timeout - LAST_HANDSHAKE.min(timeout / 4);
        *self.drain_start.get_or_init(now) + wait
    }

    /// Returns the delay within the jitter after which a connection is closed. Consecutive ids are
    /// spread evenly (Fibonacci hashing).
    pub(crate) fn close_delay(&self, id: u64) -> Duration {
        let fraction = (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        // At most half of the timeout: every peer has received its close frame, and had time to
        // answer it, before the rest is cut off.
        self.config.jitter.min(self.config.timeout / 2).mul_f64(f64::from(fraction) / f64::from(u32::MAX))
    }

    /// Counts a connection that has ended, if a drain is under way. Returns true if one is.
    pub(super) fn count(&self, outcome: DrainOutcome) -> bool {
        let is_draining = self.is_draining();
        if is_draining {
            self.counters.increment(outcome);
        }
        is_draining
    }

    pub(super) fn report(&self) -> DrainReport {
        self.counters.report()
    }
}
