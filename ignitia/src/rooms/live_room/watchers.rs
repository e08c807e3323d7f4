use std::sync::{Arc, Weak};

use super::occupants::MembershipChange;
use crate::rooms::{
    event_queue::EventQueue, events::RoomEvent, notifications::Notifications,
    presence_grouping::PresenceGrouping,
};

/// Maximum number of events that a watcher of one room may be behind.
pub(super) const MAX_EVENTS_BEHIND: usize = 256;

/// Watchers of one room.
pub(super) struct Watchers<P>(Vec<Watcher<P>>);

struct Watcher<P> {
    queue: Weak<EventQueue<RoomEvent<P>>>,
    grouping: PresenceGrouping,
}

impl<P> Watchers<P> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, queue: &Arc<EventQueue<RoomEvent<P>>>, grouping: PresenceGrouping) {
        self.0.push(Watcher { queue: Arc::downgrade(queue), grouping });
    }

    pub(super) fn remove(&mut self, queue: &Arc<EventQueue<RoomEvent<P>>>) {
        self.0.retain(|watcher| watcher.queue.as_ptr() != Arc::as_ptr(queue));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Queues the events of a change, in the order in which the changes happen.
    pub(super) fn announce(&self, change: &MembershipChange<P>, notifications: &mut Notifications<P>) {
        for watcher in &self.0 {
            let event = match watcher.grouping {
                PresenceGrouping::Memberships => Some(&change.membership_event),
                PresenceGrouping::Keys => change.key_event.as_ref(),
            };
            // A watch that is being dropped has no queue any more, and is about to be removed.
            if let (Some(event), Some(queue)) = (event, watcher.queue.upgrade()) {
                notifications.room_watchers.push(queue, event.clone());
            }
        }
    }

    /// Queues an event that concerns no member.
    #[cfg(feature = "redis")]
    pub(super) fn announce_to_all(&self, event: &RoomEvent<P>, notifications: &mut Notifications<P>) {
        for queue in self.0.iter().filter_map(|watcher| watcher.queue.upgrade()) {
            notifications.room_watchers.push(queue, event.clone());
        }
    }

    /// Ends all watches.
    pub(super) fn end(&mut self, notifications: &mut Notifications<P>) {
        for queue in self.0.drain(..).filter_map(|watcher| watcher.queue.upgrade()) {
            notifications.room_watchers.end(queue);
        }
    }
}
