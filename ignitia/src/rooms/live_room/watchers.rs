use std::sync::{Arc, Weak};

use super::{notifications::Notifications, occupants::Happened};
use crate::rooms::{event_queue::Queue, events::RoomEvent};

/// The watches of a room.
pub(super) struct Watchers<P>(Vec<Watcher<P>>);

struct Watcher<P> {
    queue: Weak<Queue<RoomEvent<P>>>,
    of: Of,
}

/// Of whom there are events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rooms) enum Of {
    /// Of each membership.
    Members,
    /// Of each key, and of each membership without one.
    Keys,
}

impl<P> Watchers<P> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, queue: &Arc<Queue<RoomEvent<P>>>, of: Of) {
        self.0.push(Watcher { queue: Arc::downgrade(queue), of });
    }

    pub(super) fn remove(&mut self, queue: &Arc<Queue<RoomEvent<P>>>) {
        self.0.retain(|watcher| watcher.queue.as_ptr() != Arc::as_ptr(queue));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells them, in the order in which it happens.
    pub(super) fn announce(&self, happened: &Happened<P>, notifications: &mut Notifications<P>) {
        for watcher in &self.0 {
            let event = match watcher.of {
                Of::Members => Some(&happened.to_member),
                Of::Keys => happened.to_key.as_ref(),
            };
            // One that is going just now is about to be removed.
            if let (Some(event), Some(queue)) = (event, watcher.queue.upgrade()) {
                notifications.of_room.push(queue, event.clone());
            }
        }
    }

    /// There will be no more.
    pub(super) fn end(&mut self, notifications: &mut Notifications<P>) {
        for queue in self.0.drain(..).filter_map(|watcher| watcher.queue.upgrade()) {
            notifications.of_room.end(queue);
        }
    }
}
