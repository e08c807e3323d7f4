use std::{
    fmt,
    sync::{Arc, Weak},
};

use super::{
    event_queue::{EventQueue, NextEvent},
    events::{Member, RoomEvent},
    live_room::LiveRoom,
};

/// Who is in a room, and who comes and goes from then on, whether anybody is in it now or not.
///
/// It goes on until it is dropped: a room that is empty may be entered again.
pub struct Watch<P> {
    members: Vec<Member<P>>,
    queue: Arc<EventQueue<RoomEvent<P>>>,
    live_room: Weak<LiveRoom<P>>,
}

impl<P> Watch<P> {
    pub(super) fn new(
        members: Vec<Member<P>>,
        queue: Arc<EventQueue<RoomEvent<P>>>,
        live_room: Weak<LiveRoom<P>>,
    ) -> Self {
        Self { members, queue, live_room }
    }

    /// Who was there when the watch began.
    pub fn members(&self) -> &[Member<P>] {
        &self.members
    }

    /// The next event, however long it takes to come. `None` when there is no handle of the [`Rooms`](super::Rooms), nor of
    /// one of them, any more: nobody can come in then.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: no event is lost.
    pub async fn recv(&mut self) -> Option<RoomEvent<P>> {
        Some(match self.queue.next().await? {
            NextEvent::Event(event) => event,
            NextEvent::Missed(events) => RoomEvent::Missed(events),
        })
    }
}

/// A room that there is only for its watches goes with the last of them.
impl<P> Drop for Watch<P> {
    fn drop(&mut self) {
        if let Some(live_room) = self.live_room.upgrade() {
            live_room.unwatch(&self.queue);
        }
    }
}

impl<P> fmt::Debug for Watch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
