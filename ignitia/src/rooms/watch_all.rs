use std::{fmt, sync::Arc};

use super::{
    event_queue::{EventQueue, NextEvent},
    events::RoomsEvent,
    live_room::RoomIndexes,
    member::Member,
};

/// Watch of the members of all rooms: those at its begin, then all changes. See
/// [`Rooms::watch_all`](super::Rooms::watch_all).
///
/// On an engine it has the rooms that this node has members in, or watches. When that ends, their
/// members on other nodes leave the watch.
pub struct WatchAll<P> {
    rooms: Vec<(Arc<str>, Vec<Member<P>>)>,
    queue: Arc<EventQueue<RoomsEvent<P>>>,
    indexes: Arc<RoomIndexes<P>>,
}

impl<P> WatchAll<P> {
    pub(super) fn new(
        rooms: Vec<(Arc<str>, Vec<Member<P>>)>,
        queue: Arc<EventQueue<RoomsEvent<P>>>,
        indexes: Arc<RoomIndexes<P>>,
    ) -> Self {
        Self { rooms, queue, indexes }
    }

    /// Returns the rooms and their members at the begin of the watch, in no particular order of
    /// rooms.
    pub fn rooms(&self) -> &[(Arc<str>, Vec<Member<P>>)] {
        &self.rooms
    }

    /// Waits for the next event; those of one room are in order. Returns `None` once no handle of
    /// the [`Rooms`](super::Rooms) is left.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no event is lost.
    pub async fn recv(&mut self) -> Option<RoomsEvent<P>> {
        Some(match self.queue.next().await? {
            NextEvent::Event(event) => event,
            NextEvent::Missed(events) => RoomsEvent::Missed(events),
        })
    }
}

impl<P> Drop for WatchAll<P> {
    fn drop(&mut self) {
        self.indexes.watchers.remove(&self.queue);
    }
}

impl<P> fmt::Debug for WatchAll<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchAll").finish_non_exhaustive()
    }
}
