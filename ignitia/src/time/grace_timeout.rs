use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::{GRACE_PERIOD, OWN_STALL, after, now};

/// How late an ordinary timer is.
const USUAL: Duration = Duration::from_millis(20);

pin_project! {
    /// A time that others may take. What our own process stands still is not theirs: then it begins anew; and it ends
    /// with a last call.
    #[derive(Debug)]
    pub(crate) struct GraceTimeout {
        #[pin]
        sleep: Sleep,
        span: Duration,
        due: Instant,
        is_last_call: bool,
        // Who is less late needs no last call.
        slack: Duration,
    }
}

impl GraceTimeout {
    /// From now on.
    pub(crate) fn new(span: Duration) -> Self {
        Self::until(after(now(), span))
    }

    /// The same, for what has its end seen and counted on: there is no last call unless we are late ourselves.
    pub(crate) fn exactly(span: Duration) -> Self {
        Self { slack: USUAL, ..Self::new(span) }
    }

    pub(crate) fn until(due: Instant) -> Self {
        let sleep = tokio::time::sleep_until(due.into());
        let span = due.saturating_duration_since(now());
        Self { sleep, span, due, is_last_call: false, slack: Duration::ZERO }
    }

    /// Begins anew, with another end.
    pub(crate) fn reset(self: Pin<&mut Self>, due: Instant) {
        let this = self.project();
        *this.span = due.saturating_duration_since(now());
        *this.due = due;
        *this.is_last_call = false;
        this.sleep.reset(due.into());
    }

    /// What comes of the future, if it comes in time.
    pub(crate) async fn with<F: Future>(self, future: F) -> Option<F::Output> {
        let (mut patience, mut future) = (pin!(self), pin!(future));
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // Outside of tokio's budget: a future that uses it up must not have all the time in the world.
            Poll::Pending => pin!(tokio::task::unconstrained(patience.as_mut())).poll(cx).map(|()| None),
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
            let late = now.saturating_duration_since(*this.due);
            if late > OWN_STALL {
                *this.due = after(now, *this.span);
                *this.is_last_call = false;
            } else if *this.is_last_call || late < *this.slack {
                return Poll::Ready(());
            } else {
                *this.due = now + GRACE_PERIOD;
                *this.is_last_call = true;
            }
            this.sleep.as_mut().reset((*this.due).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn it_ends_with_a_last_call() {
        let start = now();
        assert_eq!(GraceTimeout::new(TERM).with(std::future::pending::<()>()).await, None);
        assert!(now() - start >= TERM + GRACE_PERIOD);
    }

    #[tokio::test]
    async fn what_comes_in_the_last_call_is_in_time() {
        let late = tokio::time::sleep(TERM + GRACE_PERIOD / 5);
        assert_eq!(GraceTimeout::new(TERM).with(late).await, Some(()));
    }

    #[tokio::test]
    async fn a_stall_of_our_own_is_nobodys_fault() {
        let mut patience = pin!(GraceTimeout::exactly(TERM));
        assert!(poll_fn(|cx| Poll::Ready(patience.as_mut().poll(cx))).await.is_pending());
        std::thread::sleep(TERM + OWN_STALL + TERM);
        let thaw = now();
        patience.await;
        assert!(now() - thaw >= TERM);
    }
}
