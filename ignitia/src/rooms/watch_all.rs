use std::{fmt, sync::Arc};

use super::{
    event_queue::{EventQueue, NextEvent},
    events::{Member, RoomsEvent},
    live_room::RoomIndexes,
};

/// Who is in which room, and who comes and goes from then on: see [`Rooms::watch_all`](super::Rooms::watch_all).
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

    /// Who was in which room when the watch began, in no particular order of rooms.
    pub fn rooms(&self) -> &[(Arc<str>, Vec<Member<P>>)] {
        &self.rooms
    }

    /// The next event, however long it takes to come; those of one room are in order. `None` when there is no handle of the
    /// [`Rooms`](super::Rooms) any more.
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
