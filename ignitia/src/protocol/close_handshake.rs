use std::time::Duration;

use crate::time::{Instant, after};

/// A connection whose peer hardly takes any bytes has this many times `write_stall` in all to
/// close.
const STALLS: u32 = 10;

/// Progress of our close frame: [RFC 6455, section
/// 7](https://www.rfc-editor.org/rfc/rfc6455#section-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseHandshake {
    No,
    /// Queued since then.
    Queued(Instant),
    /// Among the frames that are being written; queued since then.
    Fetched(Instant),
    /// Handed to the kernel at that time.
    Sent(Instant),
}

impl CloseHandshake {
    pub(crate) fn queue(&mut self, now: Instant) {
        if *self == Self::No {
            *self = Self::Queued(now);
        }
    }

    pub(crate) fn fetch(&mut self, now: Instant) {
        self.queue(now);
        if let Self::Queued(since) = *self {
            *self = Self::Fetched(since);
        }
    }

    /// Notes that the kernel has everything that was fetched.
    pub(crate) fn flushed(&mut self, now: Instant) {
        if let Self::Fetched(_) = self {
            *self = Self::Sent(now);
        }
    }

    pub(crate) fn is_sent(self) -> bool {
        matches!(self, Self::Sent(_))
    }

    /// Returns `true` if another frame may be sent: none may follow the close frame.
    pub(crate) fn admits_frames(self) -> bool {
        matches!(self, Self::No | Self::Queued(_))
    }

    /// Returns the time at which the connection ends, whatever the peer does.
    pub(crate) fn deadline(self, close_timeout: Duration, write_stall: Duration) -> Option<Instant> {
        match self {
            Self::No => None,
            Self::Queued(since) | Self::Fetched(since) => {
                Some(after(since, write_stall.saturating_mul(STALLS)))
            }
            Self::Sent(since) => Some(after(since, close_timeout)),
        }
    }

    pub(crate) fn put_back(&mut self, late: Duration) {
        if let Self::Queued(since) | Self::Fetched(since) | Self::Sent(since) = self {
            *since += late;
        }
    }
}
