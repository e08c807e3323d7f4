use std::{sync::Arc, task::Waker};

use crate::{
    panics::{catch, wake},
    rooms::{event_queue::Queue, events::RoomEvent, watch_all::RoomsEvent},
};

/// What is left to do when nothing is locked: it runs code that is not ours.
#[must_use]
pub(in crate::rooms) struct Notifications<P> {
    /// Of those who watch the room.
    pub(super) of_room: PendingEvents<RoomEvent<P>>,
    /// Of those who watch all rooms.
    pub(in crate::rooms) of_all: PendingEvents<RoomsEvent<P>>,
}

impl<P> Default for Notifications<P> {
    fn default() -> Self {
        Self { of_room: PendingEvents::default(), of_all: PendingEvents::default() }
    }
}

impl<P> Notifications<P> {
    pub(in crate::rooms) fn run(self) {
        self.of_room.run();
        self.of_all.run();
    }
}

/// Watches that were told something, and are still to hear of it.
pub(in crate::rooms) struct PendingEvents<E> {
    wakers: Vec<Waker>,
    /// Events that others took the place of.
    oldest: Vec<E>,
    /// Should a watch go just now, what is in it goes with the last who knows it.
    queues: Vec<Arc<Queue<E>>>,
}

impl<E> Default for PendingEvents<E> {
    fn default() -> Self {
        Self { wakers: Vec::new(), oldest: Vec::new(), queues: Vec::new() }
    }
}

impl<E> PendingEvents<E> {
    /// Queues an event.
    pub(in crate::rooms) fn push(&mut self, queue: Arc<Queue<E>>, event: E) {
        let (oldest, waker) = queue.push(event);
        self.oldest.extend(oldest);
        self.wakers.extend(waker);
        self.queues.push(queue);
    }

    /// There will be no more.
    pub(in crate::rooms) fn end(&mut self, queue: Arc<Queue<E>>) {
        self.wakers.extend(queue.end());
        self.queues.push(queue);
    }

    fn run(self) {
        self.wakers.into_iter().for_each(wake);
        drop_catching_panics((self.oldest, self.queues));
    }
}

/// Drops presences, perhaps for the last time. Should one of them panic, it is not to hit whoever comes by.
pub(in crate::rooms) fn drop_catching_panics<T>(presences: T) {
    if catch(|| drop(presences)).is_err() {
        tracing::error!("the presence of a member panicked while it was dropped");
    }
}
