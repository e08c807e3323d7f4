use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer};

use crate::time::GraceTimeout;

/// hyper's timer for HTTP/2: the time that a client has to answer a ping.
///
/// hyper checks it before it reads, so a stall of our own would cost a connection with all its
/// WebSockets. [`GraceTimeout`] excuses such a stall.
#[derive(Debug, Clone, Copy)]
pub(super) struct Http2Timer;

impl Timer for Http2Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(GraceTimeout::new(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(GraceTimeout::until(deadline.into()))
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<GraceTimeout>() {
            Some(timeout) => timeout.reset(new_deadline.into()),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

impl Sleep for GraceTimeout {}
