use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::{
    clock::{after, now},
    grace_period::GRACE_PERIOD,
    instant::Instant,
    stall::own_stall,
};

/// Delay of an ordinary timer.
const TIMER_SLACK: Duration = Duration::from_millis(20);

pin_project! {
    /// Timeout that excuses our own stalls. If it fires during one it starts over; otherwise one
    /// grace period passes before it elapses.
    #[derive(Debug)]
    pub(crate) struct GraceTimeout {
        #[pin]
        sleep: Sleep,
        span: Duration,
        deadline: Instant,
        in_grace_period: bool,
        // No grace period follows if the timer fires with less delay than this.
        slack: Duration,
    }
}

impl GraceTimeout {
    /// Returns a timeout of this length, which starts now.
    pub(crate) fn new(span: Duration) -> Self {
        Self::until(after(now(), span))
    }

    /// Returns a timeout without the grace period, unless the timer itself is late: for a span
    /// whose end is visible to users, who count on it.
    pub(crate) fn exactly(span: Duration) -> Self {
        Self { slack: TIMER_SLACK, ..Self::new(span) }
    }

    /// Returns a timeout that ends at a deadline.
    pub(crate) fn until(deadline: Instant) -> Self {
        let sleep = tokio::time::sleep_until(deadline.into());
        let span = deadline.saturating_duration_since(now());
        Self { sleep, span, deadline, in_grace_period: false, slack: Duration::ZERO }
    }

    /// Starts over, with another deadline.
    pub(crate) fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        *this.span = deadline.saturating_duration_since(now());
        *this.deadline = deadline;
        *this.in_grace_period = false;
        this.sleep.reset(deadline.into());
    }

    /// Returns the output of the future, or `None` if the timeout elapses first.
    pub(crate) async fn with<F: Future>(self, future: F) -> Option<F::Output> {
        let (mut timeout, mut future) = (pin!(self), pin!(future));
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Outside of tokio's budget: otherwise a future that uses up the budget would never
            // time out.
            Poll::Pending => pin!(tokio::task::unconstrained(timeout.as_mut())).poll(cx).map(|()| None),
        })
        .await
    }
}

impl Future for GraceTimeout {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            ready!(this.sleep.as_mut().poll(cx));
            let now = now();
            if own_stall(*this.deadline, now).is_some() {
                *this.deadline = after(now, *this.span);
                *this.in_grace_period = false;
            } else if *this.in_grace_period || now.saturating_duration_since(*this.deadline) < *this.slack {
                return Poll::Ready(());
            } else {
                *this.deadline = now + GRACE_PERIOD;
                *this.in_grace_period = true;
            }
            this.sleep.as_mut().reset((*this.deadline).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::time::stall::STALL;

    const SPAN: Duration = Duration::from_millis(100);

    /// Coarseness of tokio's timers.
    const TICK: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_a_grace_period() {
        let start = now();
        assert_eq!(GraceTimeout::new(SPAN).with(pending::<()>()).await, None);
        let took = now() - start;
        assert!((SPAN + GRACE_PERIOD..=SPAN + GRACE_PERIOD + 2 * TICK).contains(&took), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_output_within_the_grace_period_is_in_time() {
        let late = tokio::time::sleep(SPAN + GRACE_PERIOD / 5);
        assert_eq!(GraceTimeout::new(SPAN).with(late).await, Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_of_our_own_starts_it_over() {
        let mut timeout = pin!(GraceTimeout::exactly(SPAN));
        assert!(poll_fn(|cx| Poll::Ready(timeout.as_mut().poll(cx))).await.is_pending());
        tokio::time::advance(SPAN + STALL).await;
        let thaw = now();
        timeout.await;
        let took = now() - thaw;
        assert!((SPAN..=SPAN + 2 * TICK).contains(&took), "{took:?}");
    }
}
