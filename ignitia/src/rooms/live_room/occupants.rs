use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::watchers::Of;
use crate::{
    connection::Shared,
    rooms::{
        events::{Member, MemberId, RoomEvent},
        member_key::MemberKey,
    },
};

/// Who is in a room, by membership and by key.
pub(super) struct Occupants<P> {
    /// In the order in which they came: those who came together lie together in memory, mostly.
    members: BTreeMap<u64, Seat<P>>,
    /// Apart from the seats: a broadcast does not ask for them.
    keys: BTreeMap<u64, MemberKey>,
    by_key: HashMap<MemberKey, BTreeSet<u64>>,
}

pub(super) struct Seat<P> {
    pub(super) connection: Arc<Shared>,
    pub(super) presence: Arc<P>,
}

/// Something that happened, as each kind of watch sees it.
pub(super) struct Happened<P> {
    pub(super) to_member: RoomEvent<P>,
    pub(super) to_key: Option<RoomEvent<P>>,
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

    pub(super) fn seats(&self) -> impl Iterator<Item = (u64, &Seat<P>)> {
        self.members.iter().map(|(id, seat)| (*id, seat))
    }

    pub(super) fn seat(&self, id: u64) -> Option<&Seat<P>> {
        self.members.get(&id)
    }

    /// The memberships with a key, and their seats.
    pub(super) fn of_key(&self, key: &MemberKey) -> impl Iterator<Item = (u64, &Seat<P>)> {
        self.by_key.get(key).into_iter().flatten().filter_map(|id| Some((*id, self.members.get(id)?)))
    }

    pub(super) fn insert(&mut self, id: u64, seat: Seat<P>, key: Option<MemberKey>) -> Happened<P> {
        let member = seat.member(id, key.clone());
        let is_first = match key {
            None => true,
            Some(key) => {
                self.keys.insert(id, key.clone());
                let of_key = self.by_key.entry(key).or_default();
                of_key.insert(id);
                of_key.len() == 1
            }
        };
        self.members.insert(id, seat);
        let to_key = is_first.then(|| RoomEvent::Joined(member.clone()));
        Happened { to_member: RoomEvent::Joined(member), to_key }
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<(Seat<P>, Option<MemberKey>, Happened<P>)> {
        let seat = self.members.remove(&id)?;
        let key = self.keys.remove(&id);
        let left = seat.member(id, key.clone());
        let to_key = match &key {
            None => Some(RoomEvent::Left(left.clone())),
            Some(key) => self.leave_key(key, &left),
        };
        Some((seat, key, Happened { to_member: RoomEvent::Left(left), to_key }))
    }

    /// The key has left with its last membership; if its first one goes, the next one stands for it.
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

    /// Puts another presence in the place of a member's; the one before.
    pub(super) fn change(&mut self, id: u64, presence: Arc<P>) -> Option<(Arc<P>, Happened<P>)> {
        let before = std::mem::replace(&mut self.members.get_mut(&id)?.presence, presence);
        let member = self.member(id)?;
        let to_key = self.stands_for_its_key(id).then(|| RoomEvent::Changed(member.clone()));
        Some((before, Happened { to_member: RoomEvent::Changed(member), to_key }))
    }

    pub(super) fn of(&self, of: Of) -> Vec<Member<P>> {
        match of {
            Of::Members => self.members(),
            Of::Keys => self.present(),
        }
    }

    fn members(&self) -> Vec<Member<P>> {
        self.members.iter().map(|(id, seat)| seat.member(*id, self.keys.get(id).cloned())).collect()
    }

    /// One member for each key, and those without one.
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

    /// Whether it is the first with its key, or has none.
    fn stands_for_its_key(&self, id: u64) -> bool {
        self.keys
            .get(&id)
            .and_then(|key| self.by_key.get(key))
            .is_none_or(|of_key| of_key.first() == Some(&id))
    }
}

impl<P> Seat<P> {
    fn member(&self, id: u64, key: Option<MemberKey>) -> Member<P> {
        Member { id: MemberId(id), connection: self.connection.id, key, presence: self.presence.clone() }
    }
}
