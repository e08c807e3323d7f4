//! Wakers of the connection task: one for its handler, one for everything else.

use std::{
    sync::Arc,
    task::{Wake, Waker},
};

use super::{shared::Shared, wakeups::Interest};
use crate::sync::{AtomicBool, Ordering};

impl Shared {
    /// Returns the waker that polls the connection task for its handler.
    pub(crate) fn handler_waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.request_from_outside(Interest::HANDLER);
    }
}

/// Waker that polls the connection task for the transport, a deadline or a shutdown. It takes no
/// lock: with each message the transport wakes once.
#[derive(Debug)]
pub(crate) struct IoWaker {
    signal: Arc<IoSignal>,
    waker: Waker,
}

#[derive(Debug)]
struct IoSignal {
    is_set: AtomicBool,
    task: Waker,
}

impl IoWaker {
    pub(crate) fn new(task: &Waker) -> Self {
        let signal = Arc::new(IoSignal { is_set: AtomicBool::new(false), task: task.clone() });
        Self { waker: signal.clone().into(), signal }
    }

    /// Returns `true` if it wakes this task.
    pub(crate) fn wakes(&self, task: &Waker) -> bool {
        self.signal.task.will_wake(task)
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Returns `true` if it was woken since the last call.
    pub(crate) fn take(&self) -> bool {
        self.signal.is_set.swap(false, Ordering::AcqRel)
    }
}

impl Wake for IoSignal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_set.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}
