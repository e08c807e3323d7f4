use std::time::Duration;

use super::rate::Rate;
use crate::time::Instant;

/// Token bucket of a [`Rate`]. Its balance may be negative: [`overdraw`](Self::overdraw) charges
/// for input that has arrived already.
#[derive(Debug)]
pub(crate) struct TokenBucket {
    rate: Rate,
    left: f64,
    since: Instant,
}

impl TokenBucket {
    pub(crate) fn full(rate: Rate, now: Instant) -> Self {
        let rate = Rate::new(rate.per_second.max(1), rate.burst.max(1));
        Self { rate, left: rate.burst.into(), since: now }
    }

    /// Takes one token; `false` if there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        self.refill(now);
        let is_there = self.left >= 1.0;
        if is_there {
            self.left -= 1.0;
        }
        is_there
    }

    /// Takes `amount` tokens, even if there are fewer. Returns the time at which a negative balance
    /// is paid back, at most an hour from now.
    pub(crate) fn overdraw(&mut self, amount: usize, now: Instant) -> Option<Instant> {
        self.refill(now);
        self.left -= amount as f64;
        let missing = -self.left;
        (missing > 0.0)
            .then(|| now + Duration::from_secs_f64((missing / f64::from(self.rate.per_second)).min(3_600.0)))
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since).as_secs_f64();
        self.since = now;
        self.left = (self.left + passed * f64::from(self.rate.per_second)).min(self.rate.burst.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    #[test]
    fn a_burst_and_then_the_rate() {
        let start = now();
        let mut bucket = TokenBucket::full(Rate::new(10, 3), start);
        let taken = |bucket: &mut TokenBucket, after: u64| {
            (0..100).filter(|_| bucket.take(start + Duration::from_millis(after))).count()
        };
        assert_eq!(taken(&mut bucket, 0), 3);
        assert_eq!(taken(&mut bucket, 99), 0);
        assert_eq!(taken(&mut bucket, 200), 2);
        assert_eq!(taken(&mut bucket, 60_000), 3);
    }

    #[test]
    fn what_is_overdrawn_is_waited_for() {
        let start = now();
        let mut bucket = TokenBucket::full(Rate::new(100, 50), start);
        assert_eq!(bucket.overdraw(50, start), None);
        assert_eq!(bucket.overdraw(25, start), Some(start + Duration::from_millis(250)));
        assert_eq!(bucket.overdraw(1, start + Duration::from_millis(260)), None);
    }
}
