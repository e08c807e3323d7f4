//! Leaving of members.

use std::sync::Arc;

use super::{
    live_room::{LiveRoom, RoomState},
    occupants::Occupant,
};
use crate::{
    connection::{LeaveRoom, Shared},
    rooms::{
        member::MemberId,
        notifications::{Notifications, drop_catching_panics},
    },
    time::now,
};

impl<P> LiveRoom<P> {
    /// Ends a membership at the request of its handle.
    pub(in crate::rooms) fn end_membership(self: &Arc<Self>, member: MemberId, connection: &Shared) {
        // The room goes first: otherwise a broadcast between the two steps would leave a backlog
        // for a member that has left.
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
        if is_empty {
            self.tell_emptied();
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
        self.form_demand.remove(occupant.connection.compression_rule());
        if let Some(key) = key {
            self.indexes.keys.remove(&key, member);
        }
        if let Some(engine) = &self.engine {
            engine.publish_left(&self.name, member);
        }
        self.announce(state, &left, notifications);
        // The caller drops the occupant after the unlock: it may have the last reference to the
        // presence.
        Some(occupant)
    }
}

/// Called when the connection has ended, or is closed for being too slow, even if its peer does not
/// know yet.
impl<P: Send + Sync + 'static> LeaveRoom for LiveRoom<P> {
    fn leave(self: Arc<Self>, member: u64) {
        self.remove_member(member);
    }
}
