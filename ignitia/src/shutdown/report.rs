use crate::sync::{AtomicUsize, Ordering};

/// Outcome of a graceful shutdown: the number of WebSockets that it ended. Each counts once, when
/// its handler has ended too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DrainReport {
    /// Number of connections that ended with a complete closing handshake ([`CloseCause::clean`]),
    /// and their handlers with them.
    ///
    /// [`CloseCause::clean`]: crate::websocket::CloseCause::clean
    pub clean: usize,
    /// Number of connections that ended in time, but without a closing handshake: the peer did not
    /// answer the close frame within `close_timeout`, accepted no bytes for `write_stall`, broke
    /// the protocol, or its transport was lost.
    pub unclean: usize,
    /// Number of connections that were cut off because they or their handlers took longer than the
    /// timeout.
    pub aborted: usize,
}

/// Outcome of a drain for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DrainOutcome {
    Clean,
    Unclean,
    Aborted,
}

/// Number of connections by outcome.
#[derive(Debug, Default)]
pub(super) struct DrainCounters {
    clean: AtomicUsize,
    unclean: AtomicUsize,
    aborted: AtomicUsize,
}

impl DrainCounters {
    pub(super) fn increment(&self, outcome: DrainOutcome) {
        let counter = match outcome {
            DrainOutcome::Clean => &self.clean,
            DrainOutcome::Unclean => &self.unclean,
            DrainOutcome::Aborted => &self.aborted,
        };
        counter.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn report(&self) -> DrainReport {
        DrainReport {
            clean: self.clean.load(Ordering::Acquire),
            unclean: self.unclean.load(Ordering::Acquire),
            aborted: self.aborted.load(Ordering::Acquire),
        }
    }
}
