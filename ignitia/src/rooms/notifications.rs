use std::{sync::Arc, task::Waker};

use super::{
    event_queue::EventQueue,
    events::{RoomEvent, RoomsEvent},
};
use crate::panics::{catch, wake};

/// What is left to do when nothing is locked: it runs code that is not ours.
#[must_use]
pub(super) struct Notifications<P> {
    /// PresenceGrouping those who watch the room.
    pub(super) room_watchers: PendingEvents<RoomEvent<P>>,
    /// PresenceGrouping those who watch all rooms.
    pub(super) all_rooms_watchers: PendingEvents<RoomsEvent<P>>,
}

impl<P> Default for Notifications<P> {
    fn default() -> Self {
        Self { room_watchers: PendingEvents::default(), all_rooms_watchers: PendingEvents::default() }
    }
}

impl<P> Notifications<P> {
    pub(super) fn run(self) {
        self.room_watchers.run();
        self.all_rooms_watchers.run();
    }
}

/// Watches that were told something, and are still to hear of it.
pub(super) struct PendingEvents<E> {
    wakers: Vec<Waker>,
    /// Events that others took the place of.
    displaced: Vec<E>,
    /// Should a watch go just now, what is in it goes with the last who knows it.
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

    /// There will be no more.
    pub(super) fn end(&mut self, queue: Arc<EventQueue<E>>) {
        self.wakers.extend(queue.end());
        self.queues.push(queue);
    }

    fn run(self) {
        self.wakers.into_iter().for_each(wake);
        drop_catching_panics((self.displaced, self.queues));
    }
}

/// Drops presences, perhaps for the last time. Should one of them panic, it is not to hit whoever comes by.
pub(super) fn drop_catching_panics<T>(presences: T) {
    if catch(|| drop(presences)).is_err() {
        tracing::error!("the presence of a member panicked while it was dropped");
    }
}
