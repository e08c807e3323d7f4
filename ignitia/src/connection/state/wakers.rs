//! Wakers of the connection task: one for its handler, one for everything else.

use std::{
    sync::Arc,
    task::{Wake, Waker},
};

use super::{shared::Shared, wakeups::Interest};

impl Shared {
    /// Returns the waker that polls the connection task for its handler.
    pub(crate) fn handler_waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }

    /// Returns the waker that polls the connection task for the transport, a deadline or a
    /// shutdown.
    pub(crate) fn io_waker(self: &Arc<Self>) -> Waker {
        Arc::new(IoWaker(self.clone())).into()
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

struct IoWaker(Arc<Shared>);

impl Wake for IoWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.request_from_outside(Interest::IO);
    }
}
