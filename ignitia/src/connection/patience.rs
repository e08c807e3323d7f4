use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::clock::{LAST_CALL, OWN_STALL, after, now};

pin_project! {
    /// A time that others may take. What our own process stands still is not theirs: then it begins anew; and it ends
    /// with a last call.
    #[derive(Debug)]
    pub(crate) struct Patience {
        #[pin]
        sleep: Sleep,
        span: Duration,
        due: Instant,
        is_last_call: bool,
    }
}

impl Patience {
    /// From now on.
    pub(crate) fn new(span: Duration) -> Self {
        Self::until(after(now(), span))
    }

    pub(crate) fn until(due: Instant) -> Self {
        let sleep = tokio::time::sleep_until(due.into());
        Self { sleep, span: due.saturating_duration_since(now()), due, is_last_call: false }
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

impl Future for Patience {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            ready!(this.sleep.as_mut().poll(cx));
            let now = now();
            if now.saturating_duration_since(*this.due) > OWN_STALL {
                *this.due = after(now, *this.span);
                *this.is_last_call = false;
            } else if *this.is_last_call {
                return Poll::Ready(());
            } else {
                *this.due = now + LAST_CALL;
                *this.is_last_call = true;
            }
            this.sleep.as_mut().reset((*this.due).into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_a_last_call() {
        let start = now();
        assert_eq!(Patience::new(TERM).with(std::future::pending::<()>()).await, None);
        assert!((TERM + LAST_CALL..TERM + 2 * LAST_CALL).contains(&(now() - start)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_of_our_own_is_nobodys_fault() {
        let start = now();
        let mut patience = pin!(Patience::new(TERM));
        assert!(poll_fn(|cx| Poll::Ready(patience.as_mut().poll(cx))).await.is_pending());
        tokio::time::advance(5 * TERM).await;
        patience.await;
        assert_eq!((now() - start).as_secs(), 60);
    }
}
