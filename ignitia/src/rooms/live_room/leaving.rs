use std::sync::Arc;

use super::{
    live_room::{LiveRoom, RoomState},
    occupants::Occupant,
};
use crate::{
    connection::{LeaveRoom, Shared},
    rooms::{
        events::MemberId,
        notifications::{Notifications, drop_catching_panics},
    },
    time::now,
};

impl<P> LiveRoom<P> {
    /// Takes a member out, from its own side.
    pub(in crate::rooms) fn end_membership(self: &Arc<Self>, member: MemberId, connection: &Shared) {
        // In this order: a broadcast in between would leave something for a member that is none any more.
        self.remove_member(member.0);
        connection.leave_room(member.0);
    }

    fn remove_member(self: &Arc<Self>, member: u64) {
        let mut notifications = Notifications::default();
        let mut state = self.lock();
        let Some(occupant) = self.remove_occupant(&mut state, member, &mut notifications) else { return };
        let is_empty = state.occupants.is_empty();
        if is_empty && let Some(log) = &mut state.log {
            log.mark_empty(now());
        }
        drop(state);
        notifications.run();
        if is_empty && let Some(observer) = self.observer.upgrade() {
            observer.emptied(self);
        }
        drop_catching_panics(occupant.presence);
    }

    pub(super) fn remove_occupant(
        &self,
        state: &mut RoomState<P>,
        member: u64,
        notifications: &mut Notifications<P>,
    ) -> Option<Occupant<P>> {
        let (occupant, key, left) = state.occupants.remove(member)?;
        if let Some(key) = key {
            self.indexes.keys.remove(&key, member);
        }
        self.announce(state, &left, notifications);
        // Its presence may be the last one: the caller has the seat.
        Some(occupant)
    }
}

/// The connection has ended, or is closed for being too slow, however long its peer takes to hear of it.
impl<P: Send + Sync + 'static> LeaveRoom for LiveRoom<P> {
    fn leave(self: Arc<Self>, member: u64) {
        self.remove_member(member);
    }
}
