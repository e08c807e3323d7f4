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
    },
};

/// Members of a room, by membership and by key.
pub(super) struct Occupants<P> {
    /// In the order in which they joined, so that members that joined together are mostly close in
    /// memory.
    members: BTreeMap<u64, Occupant<P>>,
    /// Separate from the occupants, because a broadcast does not need the keys.
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
        Self { members: BTreeMap::new(), keys: BTreeMap::new(), by_key: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Occupant<P>)> {
        self.members.iter().map(|(id, occupant)| (*id, occupant))
    }

    pub(super) fn get(&self, id: u64) -> Option<&Occupant<P>> {
        self.members.get(&id)
    }

    /// Returns the memberships with a key.
    pub(super) fn with_key(&self, key: &MemberKey) -> impl Iterator<Item = (u64, &Occupant<P>)> {
        self.by_key.get(key).into_iter().flatten().filter_map(|id| Some((*id, self.members.get(id)?)))
    }

    pub(super) fn insert(
        &mut self,
        id: u64,
        occupant: Occupant<P>,
        key: Option<MemberKey>,
    ) -> MembershipChange<P> {
        let member = occupant.member(id, key.clone());
        let is_first = match key {
            None => true,
            Some(key) => {
                self.keys.insert(id, key.clone());
                let of_key = self.by_key.entry(key).or_default();
                of_key.insert(id);
                of_key.len() == 1
            }
        };
        self.members.insert(id, occupant);
        let key_event = is_first.then(|| RoomEvent::Joined(member.clone()));
        MembershipChange { membership_event: RoomEvent::Joined(member), key_event }
    }

    pub(super) fn remove(
        &mut self,
        id: u64,
    ) -> Option<(Occupant<P>, Option<MemberKey>, MembershipChange<P>)> {
        let occupant = self.members.remove(&id)?;
        let key = self.keys.remove(&id);
        let left = occupant.member(id, key.clone());
        let key_event = match &key {
            None => Some(RoomEvent::Left(left.clone())),
            Some(key) => self.leave_key(key, &left),
        };
        Some((occupant, key, MembershipChange { membership_event: RoomEvent::Left(left), key_event }))
    }

    /// Removes a membership of a key. The key leaves with its last membership; if its first one
    /// leaves, the next one represents it.
    fn leave_key(&mut self, key: &MemberKey, left: &Member<P>) -> Option<RoomEvent<P>> {
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

    /// Replaces the presence of a member. Returns the one before.
    pub(super) fn change(&mut self, id: u64, presence: Arc<P>) -> Option<(Arc<P>, MembershipChange<P>)> {
        let before = std::mem::replace(&mut self.members.get_mut(&id)?.presence, presence);
        let member = self.member(id)?;
        let key_event = self.stands_for_its_key(id).then(|| RoomEvent::Changed(member.clone()));
        Some((before, MembershipChange { membership_event: RoomEvent::Changed(member), key_event }))
    }

    pub(super) fn list(&self, grouping: PresenceGrouping) -> Vec<Member<P>> {
        match grouping {
            PresenceGrouping::Memberships => self.members(),
            PresenceGrouping::Keys => self.present(),
        }
    }

    fn members(&self) -> Vec<Member<P>> {
        self.members.iter().map(|(id, occupant)| occupant.member(*id, self.keys.get(id).cloned())).collect()
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
        Some(self.members.get(&id)?.member(id, self.keys.get(&id).cloned()))
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
