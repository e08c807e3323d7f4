//! Rate limit of malformed messages.

use std::{collections::VecDeque, time::Duration};

use crate::time::Instant;

/// Counts malformed messages within a sliding window.
#[derive(Debug)]
pub(super) struct ErrorBudget {
    limit: usize,
    window: Duration,
    /// Times of the messages in the window, the oldest first; at most `limit`.
    recent: VecDeque<Instant>,
}

impl ErrorBudget {
    pub(super) fn new(limit: usize, window: Duration) -> Self {
        Self { limit, window, recent: VecDeque::new() }
    }

    /// Counts one more message. Returns false if the limit is exceeded.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        while self.recent.front().is_some_and(|time| now - *time >= self.window) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.limit {
            return false;
        }
        self.recent.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    #[test]
    fn as_many_as_the_limit_in_any_window() {
        let start = now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut budget = ErrorBudget::new(3, Duration::from_secs(60));
        assert!(budget.spend(at(0)) && budget.spend(at(30)) && budget.spend(at(59)));
        assert!(!budget.spend(at(59)));
        assert!(budget.spend(at(60)), "the first one is a minute old");
        assert!(!budget.spend(at(89)));
        assert!(budget.spend(at(90)));
    }

    #[test]
    fn a_limit_of_none_is_none() {
        assert!(!ErrorBudget::new(0, Duration::from_secs(60)).spend(now()));
    }
}
