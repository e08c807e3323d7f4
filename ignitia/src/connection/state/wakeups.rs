//! How to reach the task that polls the handler and the transport, and what it is reached for.

use std::{
    ops::BitOr,
    sync::Arc,
    task::{Wake, Waker},
};

use super::{shared::Shared, waiters::Deferred};

/// While the task polls, nothing of ours needs to wake it: it looks again before it rests. Otherwise one wake is enough
/// until it has been polled.
#[derive(Debug)]
pub(crate) struct Polling {
    /// The task's; the one who wakes takes it.
    waker: Option<Waker>,
    active: bool,
    woken: bool,
    calls: Calls,
}

/// What the task has to see to. Whatever may have come of it, a broadcast to an idle connection costs no look at the
/// handler, the clocks or the transport's input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    /// Something that the handler waits for has happened.
    pub(crate) handler: bool,
    /// The same of the transport, a clock or a drain; or the phase has changed, or input can go on.
    pub(crate) link: bool,
    /// Frames were queued.
    pub(crate) output: bool,
}

impl Calls {
    pub(crate) const ALL: Self = Self { handler: true, link: true, output: true };
    const NONE: Self = Self { handler: false, link: false, output: false };
    const HANDLER: Self = Self { handler: true, ..Self::NONE };
    const LINK: Self = Self { link: true, ..Self::NONE };
    const OUTPUT: Self = Self { output: true, ..Self::NONE };
}

impl BitOr for Calls {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self {
            handler: self.handler | more.handler,
            link: self.link | more.link,
            output: self.output | more.output,
        }
    }
}

impl Polling {
    pub(crate) fn new() -> Self {
        Self { waker: None, active: false, woken: false, calls: Calls::ALL }
    }

    /// Something has changed that the transport's side must look at.
    pub(crate) fn kick(&mut self, deferred: &mut Deferred) {
        self.call(Calls::LINK, deferred);
    }

    /// Frames were queued.
    pub(crate) fn kick_output(&mut self, deferred: &mut Deferred) {
        self.call(Calls::OUTPUT, deferred);
    }

    /// Makes the task, which is awake or about to be, poll the handler before it rests.
    pub(crate) fn owe_handler(&mut self, owed: bool) {
        self.calls.handler |= owed;
    }

    /// What was queued is being written.
    pub(crate) fn output_seen(&mut self) {
        self.calls.output = false;
    }

    fn call(&mut self, calls: Calls, deferred: &mut Deferred) {
        self.calls = self.calls | calls;
        if !self.active {
            self.wake(deferred);
        }
    }

    /// From code that is not ours. While the task polls it is woken all the same, so that others get their turn first.
    pub(crate) fn call_from_outside(&mut self, calls: Calls, deferred: &mut Deferred) {
        self.calls = self.calls | calls;
        self.wake(deferred);
    }

    fn wake(&mut self, deferred: &mut Deferred) {
        if !self.woken {
            self.woken = true;
            deferred.wake(self.waker.take());
        }
    }

    /// The task begins to poll; what for.
    pub(crate) fn enter(&mut self, waker: &Waker) -> Calls {
        self.active = true;
        self.woken = false;
        if !self.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
        match std::mem::take(&mut self.calls) {
            Calls::NONE => Calls::ALL,
            calls => calls,
        }
    }

    /// The handler was polled, and the transport's side is about to look; what for.
    pub(crate) fn look(&mut self) -> Calls {
        let handler = self.calls.handler;
        let calls = std::mem::replace(&mut self.calls, Calls { handler, ..Calls::NONE });
        Calls { handler: false, ..calls }
    }

    /// The task is about to rest, unless there is something that it has not looked at, and is not woken for anyway.
    pub(crate) fn rest(&mut self) -> Option<Calls> {
        if self.calls == Calls::NONE || self.woken {
            self.active = false;
            return None;
        }
        Some(std::mem::take(&mut self.calls))
    }

    /// The task lets others go first and has woken itself.
    pub(crate) fn yield_now(&mut self) {
        self.active = false;
        self.woken = true;
        self.calls = Calls::ALL;
    }
}

impl Shared {
    /// Wakes the connection task for its handler.
    pub(crate) fn handler_waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }

    /// Wakes the connection task for the transport, a clock or a drain.
    pub(crate) fn link_waker(self: &Arc<Self>) -> Waker {
        Arc::new(LinkWaker(self.clone())).into()
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call_from_outside(Calls::HANDLER);
    }
}

struct LinkWaker(Arc<Shared>);

impl Wake for LinkWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.call_from_outside(Calls::LINK);
    }
}
