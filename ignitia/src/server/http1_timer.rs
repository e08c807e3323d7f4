use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};
use pin_project_lite::pin_project;

use super::activity::{Activity, CLOSE_GRACE};
use crate::time::{GraceTimeout, after, now};

/// hyper's timer for the next request of an HTTP/1.1 connection.
///
/// hyper starts one timer as it begins to wait for a request. This one runs two timeouts: one for
/// the time between requests (keep-alive), and one for the head of a request from its first byte
/// on.
#[derive(Debug, Clone)]
pub(super) struct Http1Timer {
    pub(super) activity: Arc<Activity>,
    /// Time that the head of a request may take.
    pub(super) header_read_timeout: Duration,
    /// Time between requests.
    pub(super) keep_alive_timeout: Duration,
}

impl Timer for Http1Timer {
    fn sleep(&self, _: Duration) -> Pin<Box<dyn Sleep>> {
        self.activity.head().wait(now);
        Box::pin(RequestTimeout { timer: self.clone(), timeout: None, has_started: false, is_idle: false })
    }

    fn sleep_until(&self, _: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(Duration::ZERO)
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }
}

pin_project! {
    /// Completes if the next request does not come in time. hyper polls it after it has read.
    struct RequestTimeout {
        timer: Http1Timer,
        // Set on demand: most heads have arrived before hyper waits for them.
        #[pin]
        timeout: Option<GraceTimeout>,
        // True once the head has started, and the timeout is that of the head.
        has_started: bool,
        // True once the keep-alive timeout has passed, and the connection closes.
        is_idle: bool,
    }
}

impl Future for RequestTimeout {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.timeout.is_none() {
            this.timeout.set(Some(GraceTimeout::until(after(now(), this.timer.keep_alive_timeout))));
        }
        loop {
            let Some(mut timeout) = this.timeout.as_mut().as_pin_mut() else { return Poll::Pending };
            let (started, last_bytes) = {
                let head = this.timer.activity.head();
                (head.started(), head.last_bytes())
            };
            if let Some(started) = started.filter(|_| !*this.has_started) {
                *this.has_started = true;
                timeout.as_mut().reset(after(started, this.timer.header_read_timeout));
            }
            ready!(timeout.as_mut().poll(cx));
            if *this.has_started || *this.is_idle {
                return Poll::Ready(());
            }
            let deadline = after(last_bytes, this.timer.keep_alive_timeout);
            if now() < deadline {
                timeout.as_mut().reset(deadline);
            } else {
                // Completing would end the connection as a failed one. The server ends an idle one
                // in order instead, with TLS's own end; this timeout is the fallback.
                *this.is_idle = true;
                this.timer.activity.notify_idle();
                timeout.as_mut().reset(now() + CLOSE_GRACE);
            }
        }
    }
}

impl Sleep for RequestTimeout {}
