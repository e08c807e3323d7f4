use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// Signal from the service that answers an upgrade request to the
/// [`UpgradableStream`](super::UpgradableStream) below it.
///
/// One task serves requests, flushes and writes responses, so the signal orders nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct UpgradeSignal(Arc<AtomicU8>);

const NONE: u8 = 0;

/// The client waits for its response: the stream is to check that it is still there.
const CHECK_PEER: u8 = 1;

/// The next response is a 101, and the last one.
const SWITCHING: u8 = 2;

impl UpgradeSignal {
    /// Asks for a check that the peer is still there: the next flush fails if it is gone.
    pub(crate) fn check_peer(&self) {
        self.0.store(CHECK_PEER, Ordering::Relaxed);
    }

    /// Announces a 101 as the next response, and the last one.
    pub(crate) fn announce_101(&self) {
        self.0.store(SWITCHING, Ordering::Relaxed);
    }

    pub(super) fn is_switching(&self) -> bool {
        self.0.load(Ordering::Relaxed) == SWITCHING
    }

    /// Returns true once for each [`check_peer`](Self::check_peer).
    pub(super) fn take_check(&self) -> bool {
        let is_asked = self.0.load(Ordering::Relaxed) == CHECK_PEER;
        if is_asked {
            self.0.store(NONE, Ordering::Relaxed);
        }
        is_asked
    }
}
