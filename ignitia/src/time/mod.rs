//! The clock, and the time that is given for stalls of our own.

mod grace_period;
mod grace_timeout;
mod timer;

use std::time::{Duration, Instant};

pub(crate) use self::{grace_period::GracePeriod, grace_timeout::GraceTimeout, timer::Timer};

/// How late a clock may be looked at before the delay counts as a stall of our own, for which no peer is to blame.
pub(crate) const OWN_STALL: Duration = Duration::from_secs(1);

/// How long the runtime has to hear from the kernel before a clock that has run out counts. It hears of some sockets at
/// a time, and timers ring for all: after a stall of our own, or under load, what a peer did in time may not be known yet.
pub(crate) const GRACE_PERIOD: Duration = Duration::from_millis(250);

/// The end of a span, at most a year away: a span may be configured absurdly long.
pub(crate) fn after(now: Instant, span: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + span.min(YEAR)
}

/// The time, on tokio's clock: tests can pause it.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
