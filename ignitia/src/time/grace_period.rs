use std::time::Instant;

use super::GRACE_PERIOD;

/// The last look for a sign of the peer's, behind the clock that has run out.
#[derive(Debug, Default)]
pub(crate) struct GracePeriod {
    until: Option<Instant>,
    /// Whether a clock was found run out in this turn.
    asked: bool,
}

impl GracePeriod {
    /// All clocks are about to be looked at: a call that no clock was behind the last time is off.
    pub(crate) fn begin(&mut self) {
        if !self.asked {
            self.until = None;
        }
        self.asked = false;
    }

    /// A clock has run out: whether that counts now.
    pub(crate) fn is_over(&mut self, now: Instant) -> bool {
        self.asked = true;
        now >= *self.until.get_or_insert(now + GRACE_PERIOD)
    }

    /// When to look next: a clock that has run out would have us look at once.
    pub(crate) fn put_off(&self, due: Option<Instant>) -> Option<Instant> {
        due.max(self.until.filter(|_| self.asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_put_back_ends_the_call() {
        let start = Instant::now();
        let mut call = GracePeriod::default();
        call.begin();
        assert!(!call.is_over(start));
        assert_eq!(call.put_off(Some(start)), Some(start + GRACE_PERIOD));
        call.begin();
        assert_eq!(call.put_off(Some(start)), Some(start));
        // Nothing had run out in that turn: the next one has a call of its own.
        call.begin();
        assert!(!call.is_over(start + GRACE_PERIOD));
        call.begin();
        assert!(call.is_over(start + 2 * GRACE_PERIOD));
    }
}
