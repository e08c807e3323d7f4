use std::{
    fmt,
    sync::{Arc, Weak},
};

use super::{
    event_queue::{EventQueue, NextEvent},
    events::RoomEvent,
    live_room::LiveRoom,
    member::Member,
};

/// Watch of a room's members: those at its begin, then all changes. The room need not exist.
///
/// It goes on until it is dropped: members may join a room that is empty.
///
/// On an engine, a room that this node has not heard of before begins without its members on other
/// nodes. They join as soon as the engine has told of them.
pub struct RoomWatch<P> {
    members: Vec<Member<P>>,
    queue: Arc<EventQueue<RoomEvent<P>>>,
    live_room: Weak<LiveRoom<P>>,
}

impl<P> RoomWatch<P> {
    pub(super) fn new(
        members: Vec<Member<P>>,
        queue: Arc<EventQueue<RoomEvent<P>>>,
        live_room: Weak<LiveRoom<P>>,
    ) -> Self {
        Self { members, queue, live_room }
    }

    /// Returns the members at the begin of the watch.
    pub fn members(&self) -> &[Member<P>] {
        &self.members
    }

    /// Waits for the next event. Returns `None` once no handle of the [`Rooms`](super::Rooms) or of
    /// one of its rooms is left, because no member can join then.
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

/// A room that exists only for its watches is removed with the last of them.
impl<P> Drop for RoomWatch<P> {
    fn drop(&mut self) {
        if let Some(live_room) = self.live_room.upgrade() {
            live_room.unwatch(&self.queue);
        }
    }
}

impl<P> fmt::Debug for RoomWatch<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomWatch").finish_non_exhaustive()
    }
}
