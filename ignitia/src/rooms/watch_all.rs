use std::{fmt, sync::Arc};

use super::{
    event_queue::{Next, Queue},
    events::{Member, RoomEvent},
    index::RoomIndex,
};

/// Events that a watcher of all rooms may be behind.
pub(super) const EVENTS: usize = 4_096;

/// Who is in which room, and who comes and goes from then on: see [`Rooms::watch_all`](super::Rooms::watch_all).
pub struct WatchAll<P> {
    rooms: Vec<(Arc<str>, Vec<Member<P>>)>,
    queue: Arc<Queue<RoomsEvent<P>>>,
    index: Arc<RoomIndex<P>>,
}

/// What happens to the members of all rooms.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomsEvent<P> {
    /// In the room of this name.
    In(Arc<str>, RoomEvent<P>),
    /// The watcher was too slow for this many events, in whichever rooms.
    Missed(u64),
}

impl<P> WatchAll<P> {
    pub(super) fn new(
        rooms: Vec<(Arc<str>, Vec<Member<P>>)>,
        queue: Arc<Queue<RoomsEvent<P>>>,
        index: Arc<RoomIndex<P>>,
    ) -> Self {
        Self { rooms, queue, index }
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
            Next::Event(event) => event,
            Next::Missed(events) => RoomsEvent::Missed(events),
        })
    }
}

impl<P> Drop for WatchAll<P> {
    fn drop(&mut self) {
        self.index.unwatch(&self.queue);
    }
}

impl<P> Clone for RoomsEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::In(room, event) => Self::In(room.clone(), event.clone()),
            Self::Missed(events) => Self::Missed(*events),
        }
    }
}

impl<P> fmt::Debug for WatchAll<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchAll").finish_non_exhaustive()
    }
}
