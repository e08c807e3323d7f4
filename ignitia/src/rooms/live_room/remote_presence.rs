//! Members on other nodes, and the order of the joins on all of them.

use std::{collections::HashSet, sync::Arc};

use super::{
    live_room::{LiveRoom, RoomState},
    occupants::{MembershipChange, Occupants},
};
use crate::{
    close::CloseFrame,
    connection::{Shared, sendable},
    engine::StoredMember,
    rooms::{
        config::Seats,
        member_key::MemberKey,
        notifications::{Notifications, drop_catching_panics},
        remote::{EngineRoom, RemoteMember, node_of},
    },
};

/// Changes of one event, and the work that they leave for after the unlock.
struct RemoteChanges<P> {
    notifications: Notifications<P>,
    displaced: Vec<RemoteMember<P>>,
    /// Connections that have lost their seats.
    closed: Vec<(Arc<Shared>, CloseFrame)>,
}

impl<P> LiveRoom<P>
where
    P: Send + Sync + 'static,
{
    /// Handles the join of a member, or a change of its presence.
    pub(super) fn receive_member(&self, engine: &EngineRoom<P>, stored: StoredMember) {
        self.change_members(engine, vec![stored], |_| Vec::new());
    }

    pub(super) fn receive_left(&self, engine: &EngineRoom<P>, member: u64) {
        if engine.is_remote(member) {
            self.change_members(engine, Vec::new(), |_| vec![member]);
        }
    }

    /// Handles a list of all members of a node, or of all nodes.
    pub(super) fn receive_members(
        &self,
        engine: &EngineRoom<P>,
        node: Option<u32>,
        members: Vec<StoredMember>,
    ) {
        let listed: HashSet<u64> = members.iter().map(|member| member.id).collect();
        let is_concerned = |id: u64| node.is_none_or(|node| node_of(id) == node);
        self.change_members(engine, members, |occupants| {
            let known = occupants.remote.iter().map(|(id, ..)| id);
            known.filter(|id| is_concerned(*id) && !listed.contains(id)).collect()
        });
        if node.is_none_or(|node| node == engine.node()) {
            // Those that the engine does not know come after those that it knows: a node that was
            // taken for dead has lost its seats. Newcomers have replaced them by now.
            self.lock().occupants.remote.lose_others(&listed);
        }
    }

    /// Adds or changes these members, and removes others. Only the engine's task changes remote
    /// members, so they can be decoded in between.
    fn change_members(
        &self,
        engine: &EngineRoom<P>,
        members: Vec<StoredMember>,
        left: impl FnOnce(&Occupants<P>) -> Vec<u64>,
    ) {
        let state = self.lock();
        let left = left(&state.occupants);
        let is_news =
            |member: &StoredMember| !engine.is_remote(member.id) || !state.occupants.remote.is_known(member);
        let news: Vec<StoredMember> = members.into_iter().filter(is_news).collect();
        drop(state);
        let decoded: Vec<(u64, Option<RemoteMember<P>>)> = news
            .into_iter()
            .map(|StoredMember { id, encoded }| {
                (id, engine.is_remote(id).then(|| engine.decode(&self.name, &encoded)).flatten())
            })
            .collect();

        let mut changes = RemoteChanges {
            notifications: Notifications::default(),
            displaced: Vec::new(),
            closed: Vec::new(),
        };
        let mut state = self.lock();
        if state.is_removed {
            drop(state);
            return drop_catching_panics(decoded);
        }
        for id in left {
            self.remove_remote(&mut state, id, &mut changes);
        }
        // A list has no order. Members of other nodes come first, so that of two with one key whose
        // joins this node has missed, rather none stays than both.
        let (own, remote): (Vec<_>, Vec<_>) = decoded.into_iter().partition(|(id, _)| !engine.is_remote(*id));
        let mut newcomers = HashSet::new();
        for (id, member) in remote.into_iter().filter_map(|(id, member)| Some((id, member?))) {
            if state.occupants.remote.get(id).is_none() {
                newcomers.extend(member.key.clone());
            }
            self.put_remote(&mut state, engine.seats(), id, member, &mut changes);
        }
        for (id, _) in own {
            self.order_own(&mut state, engine.seats(), id, &newcomers, &mut changes);
        }
        drop(state);
        let RemoteChanges { notifications, displaced, closed } = changes;
        notifications.run();
        drop_catching_panics(displaced);
        for (connection, frame) in closed {
            // It leaves this room, too, which tells the other nodes.
            connection.close_and_leave_rooms(sendable(connection.id, frame));
        }
    }

    fn remove_remote(&self, state: &mut RoomState<P>, id: u64, changes: &mut RemoteChanges<P>) {
        if let Some((left, change)) = state.occupants.remove_remote(id) {
            self.announce(state, &change, &mut changes.notifications);
            changes.displaced.push(left);
        }
    }

    fn put_remote(
        &self,
        state: &mut RoomState<P>,
        seats: &Seats,
        id: u64,
        member: RemoteMember<P>,
        changes: &mut RemoteChanges<P>,
    ) {
        let key = member.key.clone();
        let (before, change) = state.occupants.put_remote(id, member);
        let is_new = before.is_none();
        changes.displaced.extend(before);
        if let Some(change) = change {
            self.announce(state, &change, &mut changes.notifications);
        }
        if let (true, Some(key), Seats::Replace(frame)) = (is_new, key, seats) {
            changes.close(state.occupants.ordered_with_key(&key, id), frame);
        }
    }

    /// Puts the join of a member here in order, behind those that are in order already.
    /// `newcomers` are the keys of members that have come with it.
    fn order_own(
        &self,
        state: &mut RoomState<P>,
        seats: &Seats,
        id: u64,
        newcomers: &HashSet<MemberKey>,
        changes: &mut RemoteChanges<P>,
    ) {
        if !state.occupants.remote.order(id) {
            return;
        }
        let Some(key) = state.occupants.key_of(id) else { return };
        match seats {
            Seats::Any => {}
            Seats::Replace(frame) => {
                let mut replaced = state.occupants.ordered_with_key(key, id);
                let own = state.occupants.get(id).filter(|_| newcomers.contains(key));
                replaced.extend(own.map(|own| own.connection.clone()));
                changes.close(replaced, frame);
            }
            Seats::Refuse => {
                let is_taken = state.occupants.is_held_remotely(key)
                    || !state.occupants.ordered_with_key(key, id).is_empty();
                if let Some(own) = state.occupants.get(id).filter(|_| is_taken) {
                    let frame = CloseFrame { code: 1008, reason: "taken".into() };
                    changes.close(vec![own.connection.clone()], &frame);
                }
            }
        }
    }
}

impl<P> RemoteChanges<P> {
    fn close(&mut self, connections: Vec<Arc<Shared>>, frame: &CloseFrame) {
        self.closed.extend(connections.into_iter().map(|connection| (connection, frame.clone())));
    }
}

impl<P> Occupants<P> {
    /// Adds a member of another node, or changes its presence. Returns the one before.
    fn put_remote(
        &mut self,
        id: u64,
        member: RemoteMember<P>,
    ) -> (Option<RemoteMember<P>>, Option<MembershipChange<P>>) {
        let joined = member.member(id);
        let before = self.remote.insert(id, member);
        let change = if before.is_some() { self.changed(id) } else { Some(self.join_key(joined)) };
        (before, change)
    }

    fn remove_remote(&mut self, id: u64) -> Option<(RemoteMember<P>, MembershipChange<P>)> {
        let member = self.remote.remove(id)?;
        let change = self.leave_key(member.member(id));
        Some((member, change))
    }

    /// Returns the connections of members here with a key, other than this one, whose joins are in
    /// order. Connections that are closing have left already.
    fn ordered_with_key(&self, key: &MemberKey, other_than: u64) -> Vec<Arc<Shared>> {
        let others = self.with_key(key).filter(|(id, occupant)| {
            *id != other_than && self.remote.was_ordered(*id) && !occupant.connection.is_closed()
        });
        others.map(|(_, occupant)| occupant.connection.clone()).collect()
    }
}
