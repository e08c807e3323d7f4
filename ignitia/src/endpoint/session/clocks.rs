use std::{
    task::Context,
    time::{Duration, Instant},
};

use crate::time::{Timer, after, now};

/// The shortest period: what tokio's timer can tell apart.
const SHORTEST: Duration = Duration::from_millis(1);

/// The clocks of a session, and one timer for all of them.
#[derive(Debug)]
pub(super) struct Clocks {
    clocks: Box<[Clock]>,
    timer: Timer,
}

#[derive(Debug)]
struct Clock {
    period: Duration,
    due: Instant,
}

impl Clocks {
    /// They begin now: the first tick comes after one period.
    pub(super) fn start(periods: Vec<Duration>) -> Self {
        let now = now();
        let clock = |period: Duration| {
            let period = period.max(SHORTEST);
            Clock { period, due: after(now, period) }
        };
        Self { clocks: periods.into_iter().map(clock).collect(), timer: Timer::default() }
    }

    /// The number of a clock that ticks now: of several the one that is latest. If there is none the task is woken in time.
    pub(super) fn poll_tick(&mut self, cx: &mut Context<'_>) -> Option<usize> {
        let (index, clock) = self.clocks.iter_mut().enumerate().min_by_key(|(_, clock)| clock.due)?;
        let now = now();
        if now < clock.due {
            self.timer.set(Some(clock.due), now, cx);
            return None;
        }
        clock.tick(now);
        Some(index)
    }
}

impl Clock {
    /// The next tick is in the future, on the same beat: those that were missed are skipped.
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
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut clock = Clock { period: Duration::from_millis(100), due: at(100) };
        for (now, next) in [(100, 200), (230, 300), (300, 400), (1_001, 1_100), (1_100, 1_200)] {
            clock.tick(at(now));
            assert_eq!(clock.due, at(next), "at {now}");
        }
    }
}
