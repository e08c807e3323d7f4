//! Wake-up state of the connection task: whether it is being polled, and which parts to poll next.

use std::{ops::BitOr, task::Waker};

use super::after_unlock::AfterUnlock;

/// Wake-up state. While the task is being polled, our own changes need not wake it: it takes the
/// interest again before it goes idle. Otherwise one wake is enough until the next poll.
#[derive(Debug)]
pub(crate) struct Wakeups {
    /// Waker of the task. The wake takes it out.
    waker: Option<Waker>,
    active: bool,
    woken: bool,
    interest: Interest,
}

/// Parts of the connection task that have to be polled. A broadcast to an idle connection sets only
/// `output`: it costs no poll of the handler, the deadlines or the input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// The handler: something that it waits for has happened.
    pub(crate) handler: bool,
    /// The transport, a deadline or a shutdown; or the phase has changed, or reading can go on.
    pub(crate) io: bool,
    /// Queued frames.
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

    /// Polls the transport: something that it has to act on has changed.
    pub(crate) fn notify_io(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::IO, after_unlock);
    }

    /// Writes queued frames.
    pub(crate) fn notify_output(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::OUTPUT, after_unlock);
    }

    /// Polls the handler before the task goes idle. The task is awake already, or about to be.
    pub(crate) fn mark_handler_ready(&mut self, owed: bool) {
        self.interest.handler |= owed;
    }

    /// Notes that queued frames are being written.
    pub(crate) fn clear_output(&mut self) {
        self.interest.output = false;
    }

    fn request(&mut self, interest: Interest, after_unlock: &mut AfterUnlock) {
        self.interest = self.interest | interest;
        if !self.active {
            self.wake(after_unlock);
        }
    }

    /// Notes a wake by code that is not ours. It wakes the task even while that is being polled:
    /// the executor decides when its turn comes, so that other tasks go first.
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

    /// Begins a poll, and returns the parts to poll.
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

    /// Returns the parts to poll after the handler was polled, and leaves its own interest.
    pub(crate) fn take_interest(&mut self) -> Interest {
        let handler = self.interest.handler;
        let interest = std::mem::replace(&mut self.interest, Interest { handler, ..Interest::NONE });
        Interest { handler: false, ..interest }
    }

    /// Ends a poll, unless there are parts to poll that nothing will wake the task for: those are
    /// returned.
    pub(crate) fn begin_idle(&mut self) -> Option<Interest> {
        if self.interest == Interest::NONE || self.woken {
            self.active = false;
            return None;
        }
        Some(std::mem::take(&mut self.interest))
    }

    /// Ends a poll of a task that has woken itself, to let others go first.
    pub(crate) fn yield_now(&mut self) {
        self.active = false;
        self.woken = true;
        self.interest = Interest::ALL;
    }
}
