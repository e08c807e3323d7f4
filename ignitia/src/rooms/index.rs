//! What all rooms have in common: who watches them all, and which memberships have which key.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, Weak},
};

use super::{
    event_queue::Queue,
    events::RoomEvent,
    live_room::{LiveRoom, Notifications},
    member_key::MemberKey,
    watch_all::{EVENTS, RoomsEvent},
};
use crate::{connection::ConnectionId, sync::Mutex};

pub(super) struct RoomIndex<P> {
    /// Guards the list; held while an event is queued. Behind the lock of a room, before that of a queue.
    watches: Mutex<Vec<Weak<Queue<RoomsEvent<P>>>>>,
    /// Guards who has which key. Behind the lock of a room; nothing is locked under it.
    holders: Mutex<HashMap<MemberKey, BTreeMap<u64, Holder<P>>>>,
}

/// A membership with a key.
pub(super) struct Holder<P> {
    pub(super) connection: ConnectionId,
    pub(super) live_room: Weak<LiveRoom<P>>,
}

impl<P> Clone for Holder<P> {
    fn clone(&self) -> Self {
        Self { connection: self.connection, live_room: self.live_room.clone() }
    }
}

impl<P> RoomIndex<P> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { watches: Mutex::new(Vec::new()), holders: Mutex::new(HashMap::new()) })
    }

    pub(super) fn watch(&self) -> Arc<Queue<RoomsEvent<P>>> {
        let queue = Queue::new(EVENTS);
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.push(Arc::downgrade(&queue));
        queue
    }

    pub(super) fn unwatch(&self, queue: &Arc<Queue<RoomsEvent<P>>>) {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|watch| watch.as_ptr() != Arc::as_ptr(queue));
    }

    /// Tells those who watch all rooms, in the order in which it happens.
    pub(super) fn announce(
        &self,
        room: &Arc<str>,
        event: &RoomEvent<P>,
        notifications: &mut Notifications<P>,
    ) {
        let watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        for queue in watches.iter().filter_map(Weak::upgrade) {
            notifications.of_all.push(queue, RoomsEvent::In(room.clone(), event.clone()));
        }
    }

    /// Nobody can come into any room any more.
    pub(super) fn end(&self) -> Notifications<P> {
        let mut notifications = Notifications::default();
        let watches = std::mem::take(&mut *self.watches.lock().unwrap_or_else(PoisonError::into_inner));
        for queue in watches.iter().filter_map(Weak::upgrade) {
            notifications.of_all.end(queue);
        }
        notifications
    }

    pub(super) fn hold(&self, key: MemberKey, member: u64, holder: Holder<P>) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        holders.entry(key).or_default().insert(member, holder);
    }

    pub(super) fn release(&self, key: &MemberKey, member: u64) {
        let mut holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_key) = holders.get_mut(key) {
            of_key.remove(&member);
            if of_key.is_empty() {
                holders.remove(key);
            }
        }
    }

    /// The memberships that have a key, in the order in which they came.
    pub(super) fn holders(&self, key: &MemberKey) -> Vec<(u64, Holder<P>)> {
        let holders = self.holders.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = holders.get(key);
        of_key
            .map(|all| all.iter().map(|(member, holder)| (*member, holder.clone())).collect())
            .unwrap_or_default()
    }
}
