use std::time::{Duration, Instant};

use crate::time::after;

/// A connection whose peer takes bytes, but hardly any, has this many times `write_stall` in all to close.
const STALLS: u32 = 10;

/// How far our close frame has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    No,
    /// It is queued since then.
    Sealed(Instant),
    /// It is among the frames that are being written, queued since then.
    Fetched(Instant),
    /// The kernel has it since then.
    Sent(Instant),
}

impl Closing {
    pub(crate) fn seal(&mut self, now: Instant) {
        if *self == Self::No {
            *self = Self::Sealed(now);
        }
    }

    pub(crate) fn fetch(&mut self, now: Instant) {
        self.seal(now);
        if let Self::Sealed(since) = *self {
            *self = Self::Fetched(since);
        }
    }

    /// Everything that was fetched is with the kernel.
    pub(crate) fn flushed(&mut self, now: Instant) {
        if let Self::Fetched(_) = self {
            *self = Self::Sent(now);
        }
    }

    pub(crate) fn is_sent(self) -> bool {
        matches!(self, Self::Sent(_))
    }

    /// Whether another frame may go out: none may behind the close frame.
    pub(crate) fn admits_frames(self) -> bool {
        matches!(self, Self::No | Self::Sealed(_))
    }

    /// When the connection ends, whatever the peer does.
    pub(crate) fn deadline(self, close_timeout: Duration, write_stall: Duration) -> Option<Instant> {
        match self {
            Self::No => None,
            Self::Sealed(since) | Self::Fetched(since) => {
                Some(after(since, write_stall.saturating_mul(STALLS)))
            }
            Self::Sent(since) => Some(after(since, close_timeout)),
        }
    }

    pub(crate) fn put_back(&mut self, late: Duration) {
        if let Self::Sealed(since) | Self::Fetched(since) | Self::Sent(since) = self {
            *since += late;
        }
    }
}
