use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use hyper::rt::{Sleep, Timer as HyperTimer};

use crate::connection::{Patience, now};

/// hyper's clocks: how long a client may take for the head of a request, or to answer a ping of HTTP/2. They are looked
/// at before what has come in, so a stall of our own would cost a connection with all its WebSockets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timer;

impl HyperTimer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Patience::new(duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Patience::until(deadline))
    }

    fn now(&self) -> Instant {
        now()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, new_deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Patience>() {
            Some(patience) => patience.reset(new_deadline),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

impl Sleep for Patience {}
