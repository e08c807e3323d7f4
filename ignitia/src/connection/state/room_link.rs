//! Link from a connection to a room that it is a member of.

use std::{
    fmt,
    sync::{Arc, Weak},
};

/// A room, as seen from the connections of its members.
pub(crate) trait LeaveRoom: Send + Sync {
    fn leave(self: Arc<Self>, member: u64);
}

/// Link to one room. It does not keep the room alive.
#[derive(Clone)]
pub(crate) struct RoomLink {
    pub(super) member: u64,
    room: Weak<dyn LeaveRoom>,
}

impl RoomLink {
    pub(crate) fn new(member: u64, room: Weak<dyn LeaveRoom>) -> Self {
        Self { member, room }
    }

    pub(crate) fn leave(&self) {
        if let Some(room) = self.room.upgrade() {
            room.leave(self.member);
        }
    }
}

impl fmt::Debug for RoomLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomLink").field("member", &self.member).finish_non_exhaustive()
    }
}
