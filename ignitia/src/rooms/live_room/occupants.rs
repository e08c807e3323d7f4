//! Members of a room, with their connections.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    connection::Shared,
    rooms::{
        events::RoomEvent,
        member::{Member, MemberId},
        member_key::MemberKey,
        presence_grouping::PresenceGrouping,
        remote::{RemoteMembers, StoredPresence},
    },
};

/// Members of a room, by membership and by key.
pub(super) struct Occupants<P> {
    /// In the order in which they joined, so that members that joined together are mostly close in
    /// memory.
    members: BTreeMap<u64, Occupant<P>>,
    /// Members on other nodes.
    pub(super) remote: RemoteMembers<P>,
    /// Keys of all members. They are separate from the occupants, because a broadcast does not need
    /// them.
    keys: BTreeMap<u64, MemberKey>,
    by_key: HashMap<MemberKey, BTreeSet<u64>>,
}

/// Connection and presence of a member.
pub(super) struct Occupant<P> {
    pub(super) connection: Arc<Shared>,
    pub(super) presence: Arc<P>,
}

/// Change of a membership, as each kind of watcher sees it.
pub(super) struct MembershipChange<P> {
    pub(super) membership_event: RoomEvent<P>,
    pub(super) key_event: Option<RoomEvent<P>>,
}

impl<P> Occupants<P> {
    pub(super) fn new() -> Self {
        Self {
            members: BTreeMap::new(),
            remote: RemoteMembers::new(),
            keys: BTreeMap::new(),
            by_key: HashMap::new(),
        }
    }

    /// Returns the number of members here.
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns the number of members on all nodes.
    pub(super) fn total(&self) -> usize {
        self.members.len() + self.remote.len()
    }

    /// Returns true if there are no members here.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the members here.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Occupant<P>)> {
        self.members.iter().map(|(id, occupant)| (*id, occupant))
    }

    /// Returns a member here.
    pub(super) fn get(&self, id: u64) -> Option<&Occupant<P>> {
        self.members.get(&id)
    }

    /// Returns the memberships with a key here.
    pub(super) fn with_key(&self, key: &MemberKey) -> impl Iterator<Item = (u64, &Occupant<P>)> {
        self.by_key.get(key).into_iter().flatten().filter_map(|id| Some((*id, self.members.get(id)?)))
    }

    pub(super) fn key_of(&self, id: u64) -> Option<&MemberKey> {
        self.keys.get(&id)
    }

    /// Returns true if a member on another node has this key.
    pub(super) fn is_held_remotely(&self, key: &MemberKey) -> bool {
        let mut of_key = self.by_key.get(key).into_iter().flatten();
        of_key.any(|id| self.remote.get(*id).is_some())
    }

    pub(super) fn insert(
        &mut self,
        id: u64,
        occupant: Occupant<P>,
        key: Option<MemberKey>,
        stored: StoredPresence,
    ) -> MembershipChange<P> {
        let member = occupant.member(id, key);
        self.members.insert(id, occupant);
        self.remote.set_own(id, stored);
        self.join_key(member)
    }

    /// Records the key of a member that is new.
    pub(super) fn join_key(&mut self, member: Member<P>) -> MembershipChange<P> {
        let key_event = match &member.key {
            None => Some(RoomEvent::Joined(member.clone())),
            Some(key) => {
                let id = member.id.0;
                self.keys.insert(id, key.clone());
                let of_key = self.by_key.entry(key.clone()).or_default();
                of_key.insert(id);
                match (of_key.len(), of_key.first() == Some(&id)) {
                    (1, _) => Some(RoomEvent::Joined(member.clone())),
                    // The numbers of another node may be lower.
                    (_, true) => Some(RoomEvent::Changed(member.clone())),
                    (_, false) => None,
                }
            }
        };
        MembershipChange { membership_event: RoomEvent::Joined(member), key_event }
    }

    pub(super) fn remove(
        &mut self,
        id: u64,
    ) -> Option<(Occupant<P>, Option<MemberKey>, MembershipChange<P>)> {
        let occupant = self.members.remove(&id)?;
        self.remote.remove_own(id);
        let key = self.keys.get(&id).cloned();
        let change = self.leave_key(occupant.member(id, key.clone()));
        Some((occupant, key, change))
    }

    /// Forgets the key of a member that has left. The key leaves with its last membership; if its
    /// first one leaves, the next one represents it.
    pub(super) fn leave_key(&mut self, left: Member<P>) -> MembershipChange<P> {
        self.keys.remove(&left.id.0);
        let key_event = match &left.key {
            None => Some(RoomEvent::Left(left.clone())),
            Some(key) => self.leave_one_key(key, &left),
        };
        MembershipChange { membership_event: RoomEvent::Left(left), key_event }
    }

    fn leave_one_key(&mut self, key: &MemberKey, left: &Member<P>) -> Option<RoomEvent<P>> {
        let of_key = self.by_key.get_mut(key)?;
        let was_first = of_key.first() == Some(&left.id.0);
        of_key.remove(&left.id.0);
        match of_key.first().copied() {
            None => {
                self.by_key.remove(key);
                Some(RoomEvent::Left(left.clone()))
            }
            Some(next) if was_first => Some(RoomEvent::Changed(self.member(next)?)),
            Some(_) => None,
        }
    }

    /// Replaces the presence of a member here. Returns the one before.
    pub(super) fn change(
        &mut self,
        id: u64,
        presence: Arc<P>,
        stored: StoredPresence,
    ) -> Option<(Arc<P>, MembershipChange<P>)> {
        let before = std::mem::replace(&mut self.members.get_mut(&id)?.presence, presence);
        self.remote.set_own(id, stored);
        Some((before, self.changed(id)?))
    }

    /// Returns the change of a member whose presence is another one now.
    pub(super) fn changed(&self, id: u64) -> Option<MembershipChange<P>> {
        let member = self.member(id)?;
        let key_event = self.stands_for_its_key(id).then(|| RoomEvent::Changed(member.clone()));
        Some(MembershipChange { membership_event: RoomEvent::Changed(member), key_event })
    }

    pub(super) fn list(&self, grouping: PresenceGrouping) -> Vec<Member<P>> {
        match grouping {
            PresenceGrouping::Memberships => self.members(),
            PresenceGrouping::Keys => self.present(),
        }
    }

    fn members(&self) -> Vec<Member<P>> {
        let local = self.members.keys().copied();
        let remote = self.remote.iter().map(|(id, ..)| id);
        let mut members: Vec<Member<P>> = local.chain(remote).filter_map(|id| self.member(id)).collect();
        if self.remote.len() > 0 {
            members.sort_by_key(|member| member.id);
        }
        members
    }

    /// Returns one member for each key, and all members without one.
    fn present(&self) -> Vec<Member<P>> {
        let mut present = self.members();
        if !self.keys.is_empty() {
            present.retain(|member| self.stands_for_its_key(member.id.0));
        }
        present
    }

    fn member(&self, id: u64) -> Option<Member<P>> {
        let (connection, presence) = match self.members.get(&id) {
            Some(occupant) => (occupant.connection.id, &occupant.presence),
            None => self.remote.get(id)?,
        };
        let (key, presence) = (self.keys.get(&id).cloned(), presence.clone());
        Some(Member { id: MemberId(id), connection, key, presence })
    }

    /// Returns true if it is the first with its key, or has none.
    fn stands_for_its_key(&self, id: u64) -> bool {
        self.keys
            .get(&id)
            .and_then(|key| self.by_key.get(key))
            .is_none_or(|of_key| of_key.first() == Some(&id))
    }
}

impl<P> Occupant<P> {
    fn member(&self, id: u64, key: Option<MemberKey>) -> Member<P> {
        Member { id: MemberId(id), connection: self.connection.id, key, presence: self.presence.clone() }
    }
}
