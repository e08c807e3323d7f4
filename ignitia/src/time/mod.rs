//! Time: tokio's clock, timers, and the grace for stalls of our own process.
//!
//! A process that stands still (a frozen container, a blocked runtime, a suspended machine) finds
//! all its deadlines expired at once, although no peer is late. Two rules keep that from closing
//! connections:
//!
//! - **Own stall.** A deadline that is checked more than a second late has expired during a stall
//!   of our own, and starts over: [`own_stall`].
//! - **Grace period.** A deadline that has expired takes effect only after another moment, in which
//!   the runtime may learn of data that arrived in time: [`GracePeriod`].
//!
//! [`GraceTimeout`] is a future with both rules.

mod clock;
mod grace_period;
mod grace_timeout;
mod instant;
mod stall;
mod timer;

pub(crate) use self::{
    clock::{after, now},
    grace_period::GracePeriod,
    grace_timeout::GraceTimeout,
    instant::Instant,
    stall::own_stall,
    timer::Timer,
};
