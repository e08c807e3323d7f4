use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer as HyperTimer};
use pin_project_lite::pin_project;

use super::{accept::PARTING, activity::Activity};
use crate::time::{GraceTimeout, after, now};

/// hyper's clocks: how long a client may take to answer a ping of HTTP/2. They are looked at before what has come in, so a
/// stall of our own would cost a connection with all its WebSockets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timer;

impl HyperTimer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(GraceTimeout::new(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(GraceTimeout::until(deadline))
    }

    fn now(&self) -> Instant {
        now()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<GraceTimeout>() {
            Some(patience) => patience.reset(new_deadline),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

impl Sleep for GraceTimeout {}

/// hyper's clock for a request of HTTP/1.1. hyper has one, which it starts when it begins to wait for a request; here it is two: one
/// for the time between requests, and one for the head of a request from its first byte on.
#[derive(Debug, Clone)]
pub(super) struct HeadTimer {
    pub(super) activity: Arc<Activity>,
    /// How long the head of a request may take.
    pub(super) head: Duration,
    /// How long there may be none.
    pub(super) idle: Duration,
}

impl HyperTimer for HeadTimer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        let now = now();
        self.activity.heads().wait(now);
        let patience = GraceTimeout::until(after(now, self.idle));
        Box::pin(AwaitedHead { timer: self.clone(), patience, has_begun: false, is_idle: false })
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(Duration::ZERO)
    }

    fn now(&self) -> Instant {
        now()
    }
}

pin_project! {
    /// Completes when the next request has not come in time. hyper looks at it after whatever it has read.
    struct AwaitedHead {
        timer: HeadTimer,
        #[pin]
        patience: GraceTimeout,
        has_begun: bool,
        is_idle: bool,
    }
}

impl Future for AwaitedHead {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            let (begun, moved) = {
                let heads = this.timer.activity.heads();
                (heads.begun(), heads.moved())
            };
            if let Some(begun) = begun.filter(|_| !*this.has_begun) {
                *this.has_begun = true;
                this.patience.as_mut().reset(after(begun, this.timer.head));
            }
            ready!(this.patience.as_mut().poll(cx));
            if *this.has_begun || *this.is_idle {
                return Poll::Ready(());
            }
            let due = after(moved, this.timer.idle);
            if now() < due {
                this.patience.as_mut().reset(due);
            } else {
                // The connection shall end as one that is over, not as one that has failed: with TLS' own end.
                *this.is_idle = true;
                this.timer.activity.is_idle();
                this.patience.as_mut().reset(now() + PARTING);
            }
        }
    }
}

impl Sleep for AwaitedHead {}
