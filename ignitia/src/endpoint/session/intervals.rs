//! Intervals of the `#[every(..)]` methods.

use std::{task::Context, time::Duration};

use crate::time::{Instant, Timer, after, now};

/// The shortest period: the resolution of tokio's timer.
const SHORTEST: Duration = Duration::from_millis(1);

/// Intervals of a session, with one timer for all of them.
#[derive(Debug)]
pub(super) struct Intervals {
    intervals: Box<[Interval]>,
    timer: Timer,
}

#[derive(Debug)]
struct Interval {
    period: Duration,
    due: Instant,
}

impl Intervals {
    /// Starts the intervals now: the first tick comes after one period.
    pub(super) fn start(periods: Vec<Duration>) -> Self {
        let now = now();
        let interval = |period: Duration| {
            let period = period.max(SHORTEST);
            Interval { period, due: after(now, period) }
        };
        Self { intervals: periods.into_iter().map(interval).collect(), timer: Timer::default() }
    }

    /// Returns the number of an interval that ticks now; of several, the most overdue. If none
    /// does, it sets the timer.
    pub(super) fn poll_tick(&mut self, cx: &mut Context<'_>) -> Option<usize> {
        let (index, interval) =
            self.intervals.iter_mut().enumerate().min_by_key(|(_, interval)| interval.due)?;
        let now = now();
        if now < interval.due {
            self.timer.set(Some(interval.due), now, cx);
            return None;
        }
        interval.tick(now);
        Some(index)
    }
}

impl Interval {
    /// Sets the next tick: a whole number of periods after the last, in the future. Missed ticks
    /// are skipped.
    fn tick(&mut self, now: Instant) {
        let late = now.saturating_duration_since(self.due).as_nanos() % self.period.as_nanos();
        let late = Duration::from_nanos(u64::try_from(late).unwrap_or(0));
        self.due = after(now, self.period - late);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_ticks_are_skipped_and_the_beat_is_kept() {
        let start = now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut interval = Interval { period: Duration::from_millis(100), due: at(100) };
        for (now, next) in [(100, 200), (230, 300), (300, 400), (1_001, 1_100), (1_100, 1_200)] {
            interval.tick(at(now));
            assert_eq!(interval.due, at(next), "at {now}");
        }
    }
}
