use std::time::{Duration, Instant};

use super::{clock::after, config::WebSocketConfig};

/// A connection whose peer takes bytes, but hardly any, has this many times `write_stall` in all to close.
const STALLS: u32 = 10;

/// How far our close frame has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    No,
    /// It is queued since then.
    Sealed(Instant),
    /// It is among the frames that are being written, queued since then.
    Fetched(Instant),
    /// The kernel has it since then.
    Sent(Instant),
}

impl Closing {
    pub(super) fn seal(&mut self, now: Instant) {
        if *self == Self::No {
            *self = Self::Sealed(now);
        }
    }

    pub(super) fn fetch(&mut self, now: Instant) {
        self.seal(now);
        if let Self::Sealed(since) = *self {
            *self = Self::Fetched(since);
        }
    }

    /// Everything that was fetched is with the kernel.
    pub(super) fn flushed(&mut self, now: Instant) {
        if let Self::Fetched(_) = self {
            *self = Self::Sent(now);
        }
    }

    pub(super) fn is_sent(self) -> bool {
        matches!(self, Self::Sent(_))
    }

    /// Whether another frame may go out: none may behind the close frame.
    pub(super) fn admits_frames(self) -> bool {
        matches!(self, Self::No | Self::Sealed(_))
    }

    /// When the connection ends, whatever the peer does.
    pub(super) fn deadline(self, config: &WebSocketConfig) -> Option<Instant> {
        match self {
            Self::No => None,
            Self::Sealed(since) | Self::Fetched(since) => {
                Some(after(since, config.write_stall.saturating_mul(STALLS)))
            }
            Self::Sent(since) => Some(after(since, config.close_timeout)),
        }
    }

    pub(super) fn put_back(&mut self, late: Duration) {
        if let Self::Sealed(since) | Self::Fetched(since) | Self::Sent(since) = self {
            *since += late;
        }
    }
}
