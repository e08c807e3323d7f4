//! Watchers of all rooms.

use std::sync::{Arc, PoisonError, Weak};

use super::{
    event_queue::EventQueue,
    events::{RoomEvent, RoomsEvent},
    notifications::Notifications,
};
use crate::sync::Mutex;

/// Maximum number of events that a watcher of all rooms may be behind.
const MAX_EVENTS_BEHIND: usize = 4_096;

/// Watchers of all rooms.
pub(super) struct AllRoomsWatchers<P> {
    /// Guards the list, and is held while an event is queued. It is locked after a room, before a
    /// queue.
    queues: Mutex<Vec<Weak<EventQueue<RoomsEvent<P>>>>>,
}

impl<P> AllRoomsWatchers<P> {
    pub(super) fn new() -> Self {
        Self { queues: Mutex::new(Vec::new()) }
    }

    pub(super) fn add(&self) -> Arc<EventQueue<RoomsEvent<P>>> {
        let queue = EventQueue::new(MAX_EVENTS_BEHIND);
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.push(Arc::downgrade(&queue));
        queue
    }

    pub(super) fn remove(&self, queue: &Arc<EventQueue<RoomsEvent<P>>>) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|watcher| watcher.as_ptr() != Arc::as_ptr(queue));
    }

    /// Queues an event for all of them, in the order in which the changes happen.
    pub(super) fn announce(
        &self,
        room: &Arc<str>,
        event: &RoomEvent<P>,
        notifications: &mut Notifications<P>,
    ) {
        let queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        for queue in queues.iter().filter_map(Weak::upgrade) {
            notifications.all_rooms_watchers.push(queue, RoomsEvent::In(room.clone(), event.clone()));
        }
    }

    /// Ends all watches: without the registry no member can join any more.
    pub(super) fn end(&self) -> Notifications<P> {
        let mut notifications = Notifications::default();
        let queues = std::mem::take(&mut *self.queues.lock().unwrap_or_else(PoisonError::into_inner));
        for queue in queues.iter().filter_map(Weak::upgrade) {
            notifications.all_rooms_watchers.end(queue);
        }
        notifications
    }
}
