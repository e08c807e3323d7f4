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
    wake: WakeState,
    interest: Interest,
}

/// Wake of a task that is not being polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WakeState {
    None,
    /// A direct write is about to spare it, or to catch up on it.
    Owed,
    Sent,
}

/// Parts of the connection task that have to be polled. A broadcast to an idle connection asks for
/// `OUTPUT` alone: it costs no poll of the handler, the deadlines or the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interest(u8);

impl Interest {
    const NONE: Self = Self(0);
    /// The handler: something that it waits for has happened.
    pub(crate) const HANDLER: Self = Self(1);
    /// The transport, a deadline or a shutdown.
    const TRANSPORT: Self = Self(1 << 1);
    /// Queued frames.
    const OUTPUT: Self = Self(1 << 2);
    /// State that decides the deadlines: an end is under way or due, or reading can go on.
    pub(crate) const STATE: Self = Self(1 << 3);
    /// Everything that takes a look at the input and the deadlines.
    pub(crate) const IO: Self = Self(Self::TRANSPORT.0 | Self::STATE.0);
    pub(crate) const ALL: Self = Self(0b1111);

    pub(crate) fn contains(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }

    fn without(self, part: Self) -> Self {
        Self(self.0 & !part.0)
    }
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

impl Wakeups {
    pub(crate) fn new() -> Self {
        Self { waker: None, active: false, wake: WakeState::None, interest: Interest::ALL }
    }

    /// Polls the transport: something that it has to act on has changed.
    pub(crate) fn notify_io(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::STATE, after_unlock);
    }

    /// Writes queued frames.
    pub(crate) fn notify_output(&mut self, after_unlock: &mut AfterUnlock) {
        self.request(Interest::OUTPUT, after_unlock);
    }

    /// Polls the handler before the task goes idle. The task is awake already, or about to be.
    pub(crate) fn mark_handler_ready(&mut self, owed: bool) {
        if owed {
            self.interest = self.interest | Interest::HANDLER;
        }
    }

    /// Notes that queued frames are being written.
    pub(crate) fn clear_output(&mut self) {
        self.interest = self.interest.without(Interest::OUTPUT);
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
        if self.wake == WakeState::None {
            self.wake = WakeState::Sent;
            after_unlock.wake(self.waker.take());
        }
    }

    /// Returns `true` if frames that are queued now are written without another wake.
    #[inline]
    pub(super) fn expects_output(&self) -> bool {
        self.interest.contains(Interest::OUTPUT) && (self.active || self.wake != WakeState::None)
    }

    /// Defers the wake for queued frames to a direct write. Returns `false` if the task is being
    /// polled, or a wake is under way.
    pub(super) fn defer_wake(&mut self) -> bool {
        if self.active || self.wake != WakeState::None {
            return false;
        }
        self.interest = self.interest | Interest::OUTPUT;
        self.wake = WakeState::Owed;
        true
    }

    /// Returns `true` while a deferred wake is owed: the task has not been polled since.
    pub(super) fn owes_wake(&self) -> bool {
        self.wake == WakeState::Owed
    }

    /// Spares the deferred wake if only frames were queued, which `is_written` says are written;
    /// otherwise catches up on it.
    pub(super) fn settle_wake(&mut self, is_written: bool, after_unlock: &mut AfterUnlock) {
        if is_written {
            self.clear_output();
        }
        self.wake = WakeState::None;
        if self.interest != Interest::NONE {
            self.wake(after_unlock);
        }
    }

    /// Begins a poll, and returns the parts to poll.
    pub(crate) fn begin_poll(&mut self, waker: &Waker, io: bool) -> Interest {
        self.active = true;
        self.wake = WakeState::None;
        if !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
        let interest = self.take(Interest::ALL) | if io { Interest::TRANSPORT } else { Interest::NONE };
        if interest == Interest::NONE { Interest::ALL } else { interest }
    }

    /// Returns the parts to poll after the handler was polled, and leaves its own interest.
    #[inline]
    pub(crate) fn take_interest(&mut self) -> Interest {
        self.take(Interest::IO | Interest::OUTPUT)
    }

    fn take(&mut self, parts: Interest) -> Interest {
        let taken = Interest(self.interest.0 & parts.0);
        self.interest = self.interest.without(parts);
        taken
    }

    /// Ends a poll, unless there are parts to poll that nothing will wake the task for: those are
    /// returned.
    pub(crate) fn begin_idle(&mut self) -> Option<Interest> {
        if self.interest == Interest::NONE || self.wake == WakeState::Sent {
            self.active = false;
            return None;
        }
        Some(self.take(Interest::ALL))
    }

    /// Ends a poll of a task that has woken itself, to let others go first.
    pub(crate) fn yield_now(&mut self) {
        self.active = false;
        self.wake = WakeState::Sent;
        self.interest = Interest::ALL;
    }
}
