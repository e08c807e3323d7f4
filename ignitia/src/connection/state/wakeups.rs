//! How to reach the task that polls the handler and the transport, and what it is reached for.

use std::{ops::BitOr, task::Waker};

use super::after_unlock::AfterUnlock;

/// While the task polls, nothing of ours needs to wake it: it looks again before it rests. Otherwise one wake is enough
/// until it has been polled.
#[derive(Debug)]
pub(crate) struct Wakeups {
    /// The task's; the one who wakes takes it.
    waker: Option<Waker>,
    active: bool,
    woken: bool,
    interest: Interest,
}

/// What the task has to see to. Whatever may have come of it, a broadcast to an idle connection costs no look at the
/// handler, the clocks or the transport's input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Something that the handler waits for has happened.
    pub(crate) handler: bool,
    /// The same of the transport, a clock or a drain; or the phase has changed, or input can go on.
    pub(crate) io: bool,
    /// Frames were queued.
    pub(crate) output: bool,
}

impl Interest {
    pub(crate) const ALL: Self = Self { handler: true, io: true, output: true };
    const NONE: Self = Self { handler: false, io: false, output: false };
    pub(super) const HANDLER: Self = Self { handler: true, ..Self::NONE };
    pub(super) const IO: Self = Self { io: true, ..Self::NONE };
    const OUTPUT: Self = Self { output: true, ..Self::NONE };
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self {
            handler: self.handler | more.handler,
            io: self.io | more.io,
            output: self.output | more.output,
        }
    }
}

impl Wakeups {
    pub(crate) fn new() -> Self {
        Self { waker: None, active: false, woken: false, interest: Interest::ALL }
    }

    /// Something has changed that the transport's side must look at.
    pub(crate) fn notify_io(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::IO, after_unlock);
    }

    /// Frames were queued.
    pub(crate) fn notify_output(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::OUTPUT, after_unlock);
    }

    /// Makes the task, which is awake or about to be, poll the handler before it rests.
    pub(crate) fn mark_handler_ready(&mut self, owed: bool) {
        self.interest.handler |= owed;
    }

    /// What was queued is being written.
    pub(crate) fn clear_output(&mut self) {
        self.interest.output = false;
    }

    fn request(&mut self, interest: Interest, after_unlock: &mut AfterUnlock) {
        self.interest = self.interest | interest;
        if !self.active {
            self.wake(after_unlock);
        }
    }

    /// From code that is not ours. While the task polls it is woken all the same, so that others get their turn first.
    pub(crate) fn request_from_outside(&mut self, interest: Interest, after_unlock: &mut AfterUnlock) {
        self.interest = self.interest | interest;
        self.wake(after_unlock);
    }

    fn wake(&mut self, after_unlock: &mut AfterUnlock) {
        if !self.woken {
            self.woken = true;
            after_unlock.wake(self.waker.take());
        }
    }

    /// The task begins to poll; what for.
    pub(crate) fn begin_poll(&mut self, waker: &Waker) -> Interest {
        self.active = true;
        self.woken = false;
        if !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
        match std::mem::take(&mut self.interest) {
            Interest::NONE => Interest::ALL,
            interest => interest,
        }
    }

    /// The handler was polled, and the transport's side is about to look; what for.
    pub(crate) fn take_interest(&mut self) -> Interest {
        let handler = self.interest.handler;
        let interest = std::mem::replace(&mut self.interest, Interest { handler, ..Interest::NONE });
        Interest { handler: false, ..interest }
    }

    /// The task is about to rest, unless there is something that it has not looked at, and is not woken for anyway.
    pub(crate) fn begin_idle(&mut self) -> Option<Interest> {
        if self.interest == Interest::NONE || self.woken {
            self.active = false;
            return None;
        }
        Some(std::mem::take(&mut self.interest))
    }

    /// The task lets others go first and has woken itself.
    pub(crate) fn yield_now(&mut self) {
        self.active = false;
        self.woken = true;
        self.interest = Interest::ALL;
    }
}
