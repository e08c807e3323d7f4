use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Waker,
};

use super::super::{events::RoomEvent, queue::Queue, watch_all::RoomsEvent};
use crate::connection::wake;

/// What is left to do when nothing is locked: it runs code that is not ours.
#[must_use]
pub(in crate::rooms) struct Aftermath<P> {
    pub(in crate::rooms) wakers: Vec<Waker>,
    pub(super) events: Vec<RoomEvent<P>>,
    pub(super) queues: Vec<Arc<Queue<RoomEvent<P>>>>,
    pub(in crate::rooms) of_all: Vec<RoomsEvent<P>>,
    pub(in crate::rooms) queues_of_all: Vec<Arc<Queue<RoomsEvent<P>>>>,
}

impl<P> Default for Aftermath<P> {
    fn default() -> Self {
        Self {
            wakers: Vec::new(),
            events: Vec::new(),
            queues: Vec::new(),
            of_all: Vec::new(),
            queues_of_all: Vec::new(),
        }
    }
}

impl<P> Aftermath<P> {
    pub(in crate::rooms) fn run(self) {
        self.wakers.into_iter().for_each(wake);
        let_go((self.events, self.queues, self.of_all, self.queues_of_all));
    }
}

/// Drops presences, perhaps for the last time. Should one of them panic, it is not to hit whoever comes by.
pub(in crate::rooms) fn let_go<T>(presences: T) {
    if catch_unwind(AssertUnwindSafe(|| drop(presences))).is_err() {
        tracing::error!("the presence of a member panicked while it was dropped");
    }
}
