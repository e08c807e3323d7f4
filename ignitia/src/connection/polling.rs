use std::task::Waker;

use super::waiters::Deferred;

/// How to reach the task that polls the handler. While it polls, nothing needs to wake it: it looks again before it
/// rests. Otherwise one wake is enough until it has been polled.
#[derive(Debug)]
pub(super) struct Polling {
    waker: Waker,
    active: bool,
    /// Something has changed that the task has not looked at.
    again: bool,
    /// A wait of the handler's own is over: it must be polled again, and not only the queues looked at.
    handler: bool,
    woken: bool,
}

impl Polling {
    pub(super) fn new() -> Self {
        Self { waker: Waker::noop().clone(), active: false, again: false, handler: false, woken: false }
    }

    pub(super) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Makes the task look at the queues again.
    pub(super) fn kick(&mut self, deferred: &mut Deferred) {
        if self.active {
            self.again = true;
        } else if !self.woken {
            self.woken = true;
            deferred.wake(self.waker.clone());
        }
    }

    /// Makes the task, which is awake or about to be, poll the handler again before it rests.
    pub(super) fn owe_handler(&mut self, owed: bool) {
        self.handler |= owed;
    }

    /// The task begins to poll.
    pub(super) fn enter(&mut self, waker: &Waker) {
        self.active = true;
        self.again = false;
        self.handler = false;
        self.woken = false;
        if !self.waker.will_wake(waker) {
            self.waker = waker.clone();
        }
    }

    /// What came up so far is about to be looked at.
    pub(super) fn look(&mut self) {
        self.again = false;
    }

    /// The task is about to rest; `false` if something came up since it last looked.
    pub(super) fn rest(&mut self) -> bool {
        let again = std::mem::take(&mut self.again);
        if std::mem::take(&mut self.handler) || again {
            return false;
        }
        self.active = false;
        true
    }

    /// The task lets others go first and has woken itself.
    pub(super) fn yield_now(&mut self) {
        self.active = false;
        self.woken = true;
    }
}
