use std::time::Duration;

use super::instant::Instant;

/// Time between the expiry of a deadline and its effect.
///
/// The runtime hears of some sockets at a time, but fires all timers at once. After a stall of our
/// own, or under load, data that a peer sent in time may still be unread when its deadline expires.
pub(super) const GRACE_PERIOD: Duration = Duration::from_millis(250);

/// Grace period behind the expired deadlines of one task, which checks all of them in rounds.
#[derive(Debug, Default)]
pub(crate) struct GracePeriod {
    until: Option<Instant>,
    /// True once a deadline was found expired in this round.
    is_needed: bool,
}

impl GracePeriod {
    /// Starts a round of checks. A grace period that no expired deadline needed in the last round
    /// is dropped.
    pub(crate) fn begin(&mut self) {
        if !self.is_needed {
            self.until = None;
        }
        self.is_needed = false;
    }

    /// Returns true if a deadline that has expired takes effect now. The first call starts the
    /// grace period.
    pub(crate) fn is_over(&mut self, now: Instant) -> bool {
        self.is_needed = true;
        now >= *self.until.get_or_insert(now + GRACE_PERIOD)
    }

    /// Returns the time of the next round, given the next deadline: not before the grace period is
    /// over, or a deadline that has expired would start the next round at once.
    pub(crate) fn put_off(&self, due: Option<Instant>) -> Option<Instant> {
        due.max(self.until.filter(|_| self.is_needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    #[test]
    fn a_deadline_that_is_put_back_ends_the_grace_period() {
        let start = now();
        let mut grace = GracePeriod::default();
        grace.begin();
        assert!(!grace.is_over(start));
        assert_eq!(grace.put_off(Some(start)), Some(start + GRACE_PERIOD));
        grace.begin();
        assert_eq!(grace.put_off(Some(start)), Some(start));
        // No deadline had expired in that round: the next one has a grace period of its own.
        grace.begin();
        assert!(!grace.is_over(start + GRACE_PERIOD));
        grace.begin();
        assert!(grace.is_over(start + 2 * GRACE_PERIOD));
    }
}
