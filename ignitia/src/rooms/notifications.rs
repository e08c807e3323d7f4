//! Notifications of watchers, sent after the unlock.

use std::{sync::Arc, task::Waker};

use super::{
    event_queue::EventQueue,
    events::{RoomEvent, RoomsEvent},
};
use crate::panics::{catch, wake};

/// Work of a change in a room that is left for after the unlock, because it runs code of the
/// user's: wakers, and the destructors of presences.
#[must_use]
pub(super) struct Notifications<P> {
    /// For the watchers of the room.
    pub(super) room_watchers: PendingEvents<RoomEvent<P>>,
    /// For the watchers of all rooms.
    pub(super) all_rooms_watchers: PendingEvents<RoomsEvent<P>>,
}

impl<P> Default for Notifications<P> {
    fn default() -> Self {
        Self { room_watchers: PendingEvents::default(), all_rooms_watchers: PendingEvents::default() }
    }
}

impl<P> Notifications<P> {
    /// Wakes the watchers, and drops what is left over.
    pub(super) fn run(self) {
        self.room_watchers.run();
        self.all_rooms_watchers.run();
    }
}

/// Watchers that have a new event, and still have to be woken.
pub(super) struct PendingEvents<E> {
    wakers: Vec<Waker>,
    /// Events that newer ones displaced.
    displaced: Vec<E>,
    /// Kept alive until after the unlock: if a watch is dropped meanwhile, the last reference to
    /// its queue drops the events in it.
    queues: Vec<Arc<EventQueue<E>>>,
}

impl<E> Default for PendingEvents<E> {
    fn default() -> Self {
        Self { wakers: Vec::new(), displaced: Vec::new(), queues: Vec::new() }
    }
}

impl<E> PendingEvents<E> {
    /// Queues an event.
    pub(super) fn push(&mut self, queue: Arc<EventQueue<E>>, event: E) {
        let (displaced, waker) = queue.push(event);
        self.displaced.extend(displaced);
        self.wakers.extend(waker);
        self.queues.push(queue);
    }

    /// Ends a queue.
    pub(super) fn end(&mut self, queue: Arc<EventQueue<E>>) {
        self.wakers.extend(queue.end());
        self.queues.push(queue);
    }

    fn run(self) {
        self.wakers.into_iter().for_each(wake);
        drop_catching_panics((self.displaced, self.queues));
    }
}

/// Drops presences, some perhaps for the last time. A panic in a destructor is logged: it must not
/// unwind into a caller that has nothing to do with it.
pub(super) fn drop_catching_panics<T>(presences: T) {
    if catch(|| drop(presences)).is_err() {
        tracing::error!("the presence of a member panicked while it was dropped");
    }
}
