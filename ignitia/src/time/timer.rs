use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Waker},
};

use tokio::time::Sleep;

use super::instant::Instant;

/// The one timer of a task.
///
/// Postponing its deadline costs nothing: it fires at the old one, and the task, woken too early,
/// sets it again.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: Option<(Instant, Waker)>,
}

impl Timer {
    /// Makes sure that the task is woken at `deadline` or earlier.
    #[inline]
    pub(crate) fn set(&mut self, deadline: Option<Instant>, now: Instant, cx: &mut Context<'_>) {
        let Some(deadline) = deadline else { return };
        if let Some((armed, waker)) = &self.armed
            && *armed <= deadline
            && *armed > now
            && waker.will_wake(cx.waker())
        {
            return;
        }
        self.arm(deadline, cx);
    }

    fn arm(&mut self, deadline: Instant, cx: &mut Context<'_>) {
        let at = deadline.into();
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                sleep.as_mut().reset(at);
                sleep
            }
            none => none.insert(Box::pin(tokio::time::sleep_until(at))),
        };
        self.armed = Some((deadline, cx.waker().clone()));
        // Outside of tokio's budget: a poll that is refused for it registers no waker.
        if pin!(tokio::task::unconstrained(sleep.as_mut())).poll(cx).is_ready() {
            self.armed = None;
            cx.waker().wake_by_ref();
        }
    }
}
