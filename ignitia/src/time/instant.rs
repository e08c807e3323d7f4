use std::{
    num::NonZeroU64,
    ops::{Add, AddAssign, Sub},
    sync::OnceLock,
    time::Duration,
};

/// Nanoseconds from the origin of [`Instant`] to the first use of it in the process: room for
/// points before that.
const HEAD_START: u64 = 1 << 60;

/// Time of the first use.
static FIRST: OnceLock<std::time::Instant> = OnceLock::new();

/// A point on tokio's clock, as nanoseconds. `Option<Instant>` has eight bytes and is compared as
/// a number, where the standard library's type takes sixteen and two comparisons: a connection
/// keeps some twenty of them.
///
/// It reaches from 36 years before the first use to 500 years after it, and stops at these ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(NonZeroU64);

impl Instant {
    /// Returns the time from an earlier point to this one, or zero if it is a later one.
    #[inline]
    pub(crate) fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl From<std::time::Instant> for Instant {
    fn from(at: std::time::Instant) -> Self {
        // Not the time that is converted: it may be a user's, and so far away that all others would
        // lie beyond an end.
        let first = *FIRST.get_or_init(std::time::Instant::now);
        let nanos = match at.checked_duration_since(first) {
            Some(later) => HEAD_START.saturating_add(nanos(later)),
            None => HEAD_START.saturating_sub(nanos(first.duration_since(at))),
        };
        Self(NonZeroU64::new(nanos).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Instant> for tokio::time::Instant {
    fn from(Instant(at): Instant) -> Self {
        let first = *FIRST.get().expect("an instant is converted from one");
        let later = at.get().checked_sub(HEAD_START).map(Duration::from_nanos);
        let earlier = Duration::from_nanos(HEAD_START.saturating_sub(at.get()));
        later.map_or_else(|| first - earlier, |later| first + later).into()
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    #[inline]
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// Returns the time from an earlier point to this one, or zero if it is a later one.
    fn sub(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// Returns the nanoseconds of a span, as far as they fit: 584 years.
#[inline]
fn nanos(span: Duration) -> u64 {
    span.as_secs().saturating_mul(1_000_000_000).saturating_add(span.subsec_nanos().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    const SECOND: Duration = Duration::from_secs(1);
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    #[test]
    fn it_is_the_same_point_on_both_clocks() {
        let start = std::time::Instant::now();
        for span in [Duration::ZERO, Duration::from_nanos(1), SECOND, 300 * YEAR] {
            let at = start + span;
            assert_eq!(tokio::time::Instant::from(Instant::from(at)).into_std(), at);
        }
        let before = start - 1_000 * SECOND;
        assert_eq!(tokio::time::Instant::from(Instant::from(before)).into_std(), before);
        assert!(Instant::from(before) < Instant::from(start));
        assert_eq!(Instant::from(start) - Instant::from(before), 1_000 * SECOND);
        assert_eq!(Instant::from(before) - Instant::from(start), Duration::ZERO);
    }

    #[test]
    fn it_stops_at_its_ends() {
        let now = now();
        assert_eq!(now + Duration::MAX, now + Duration::MAX);
        assert!(now + Duration::MAX > now + 500 * YEAR);
        assert!(std::time::Instant::now().checked_sub(100 * YEAR).is_none_or(|at| Instant::from(at) < now));
    }

    #[test]
    fn it_has_eight_bytes() {
        assert_eq!(size_of::<Option<Instant>>(), 8);
    }
}
