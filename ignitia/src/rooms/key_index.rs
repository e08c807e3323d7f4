//! Index of memberships by key, over all rooms of a registry.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{PoisonError, Weak},
};

use super::member_key::MemberKey;
use crate::{connection::ConnectionId, sync::Mutex};

/// Index of memberships by key. `R` is the type of a room.
pub(super) struct KeyIndex<R> {
    /// Guards the memberships of each key. It is locked after a room, and no other lock is taken
    /// under it.
    holders: Mutex<HashMap<MemberKey, BTreeMap<u64, KeyHolder<R>>>>,
}

/// Membership with a key.
pub(super) struct KeyHolder<R> {
    pub(super) connection: ConnectionId,
    pub(super) room: Weak<R>,
}

impl<R> Clone for KeyHolder<R> {
    fn clone(&self) -> Self {
        Self { connection: self.connection, room: self.room.clone() }
    }
}

impl<R> KeyIndex<R> {
    pub(super) fn new() -> Self {
        Self { holders: Mutex::new(HashMap::new()) }
    }

    pub(super) fn insert(&self, key: MemberKey, member: u64, holder: KeyHolder<R>) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.entry(key).or_default().insert(member, holder);
    }

    pub(super) fn remove(&self, key: &MemberKey, member: u64) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = holders.get_mut(key) {
            of_key.remove(&member);
            if of_key.is_empty() {
                holders.remove(key);
            }
        }
    }

    /// Returns the memberships with a key, in the order in which they joined.
    pub(super) fn holders(&self, key: &MemberKey) -> Vec<(u64, KeyHolder<R>)> {
        let holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = holders.get(key);
        of_key
            .map(|all| all.iter().map(|(member, holder)| (*member, holder.clone())).collect())
            .unwrap_or_default()
    }
}
