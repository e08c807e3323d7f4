use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Waker},
    time::{Duration, Instant},
};

use tokio::time::Sleep;

/// How late a clock may be looked at before the delay counts as a stall of our own, for which no peer is to blame.
pub(crate) const OWN_STALL: Duration = Duration::from_secs(1);

/// How long the runtime has to hear from the kernel before a clock that has run out counts. It hears of some sockets at
/// a time, and timers ring for all: after a stall of our own, or under load, what a peer did in time may not be known yet.
pub(crate) const LAST_CALL: Duration = Duration::from_millis(250);

/// The end of a span, at most a year away: a span may be configured absurdly long.
pub(crate) fn after(now: Instant, span: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    now + span.min(YEAR)
}

/// The time, on tokio's clock: tests can pause it.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The one timer of a task. Moving its deadline out costs nothing: it rings at the old one and is set anew then.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: Option<(Instant, Waker)>,
}

impl Alarm {
    /// Makes sure that the task is woken at `deadline`, or earlier.
    pub(crate) fn set(&mut self, deadline: Option<Instant>, now: Instant, cx: &mut Context<'_>) {
        let Some(deadline) = deadline else { return };
        if let Some((armed, waker)) = &self.armed
            && *armed <= deadline
            && *armed > now
            && waker.will_wake(cx.waker())
        {
            return;
        }
        let at = tokio::time::Instant::from_std(deadline);
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(at);
                sleep
            }
            none => none.insert(Box::pin(tokio::time::sleep_until(at))),
        };
        self.armed = Some((deadline, cx.waker().clone()));
        // Outside of tokio's budget: a poll that is refused for it registers nothing.
        if pin!(tokio::task::unconstrained(sleep.as_mut())).poll(cx).is_ready() {
            self.armed = None;
            cx.waker().wake_by_ref();
        }
    }
}
