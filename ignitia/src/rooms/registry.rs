//! The engine: which rooms there are, for how long. It knows nothing of the types of messages.
//!
//! Locks are taken in this order: the map of rooms, a room (several in the order of their names), then a connection, or the
//! registry and the queue of a watch. Nothing of the user's runs under any of them:
//! messages are encoded before, presences are shared, wakers are woken and what is removed is dropped after.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, Weak},
    time::Instant,
};

use super::{
    config::Seats,
    events::{MemberId, RoomsEvent},
    history::{History, Resumed},
    idle_rooms::IdleRooms,
    key_index::KeyHolder,
    live_room::{EnterOutcome, JoinRequest, LiveRoom, ReplacedMember, Retention, RoomIndexes, RoomObserver},
    member_key::MemberKey,
    message_log::MessageLog,
    notifications::drop_catching_panics,
    presence_grouping::PresenceGrouping,
    room_map::{RoomEntry, RoomMap},
    watch::Watch,
    watch_all::WatchAll,
};
use crate::{
    connection::{Shared, sendable},
    error::Result,
    sync::{AtomicU64, Mutex, MutexGuard, Ordering},
    time::now,
};

pub(super) struct RoomRegistry<P> {
    /// Guards which rooms there are: for joins, leaves and look-ups, not for broadcasts of members.
    rooms: Mutex<RoomMap<P>>,
    indexes: Arc<RoomIndexes<P>>,
    last_member: AtomicU64,
}

/// What came of joining.
pub(super) struct JoinOutcome<P> {
    pub(super) live_room: Arc<LiveRoom<P>>,
    pub(super) id: MemberId,
    pub(super) resumed: Resumed,
}

impl<P> RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    /// Puts a connection into a room. What it missed since its position is sent to it first, and everything from now on
    /// after that.
    pub(super) fn join(
        self: &Arc<Self>,
        name: &Arc<str>,
        connection: &Arc<Shared>,
        request: &JoinRequest<P>,
        history: Option<History>,
        seats: &Seats,
    ) -> Result<JoinOutcome<P>> {
        let id = MemberId(self.last_member.fetch_add(1, Ordering::Relaxed) + 1);
        let now = now();
        let mut map = self.lock();
        let expired = self.expire_idle(&mut map, now);
        let live_room = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let entered = live_room.enter(id, connection, request, seats, now);
        let removed = self.update_retention_in(&mut map, &live_room, now);
        drop(map);
        drop((expired, removed));
        let EnterOutcome { resumed, after_unlock, notifications, replaced } = entered?;
        after_unlock.run();
        notifications.run();
        for ReplacedMember { member, connection: before, presence } in replaced {
            match seats {
                Seats::Replace(frame) if !Arc::ptr_eq(&before, connection) => {
                    before.close_and_leave_rooms(sendable(before.id, frame.clone()));
                }
                _ => before.leave_room(member),
            }
            drop_catching_panics(presence);
        }
        Ok(JoinOutcome { live_room, id, resumed })
    }

    /// The room of that name, made if need be. Whoever puts nobody into it has it [settled](Self::settle) afterwards.
    pub(super) fn open(self: &Arc<Self>, name: &Arc<str>, history: Option<History>) -> Arc<LiveRoom<P>> {
        self.open_in(&mut self.lock(), name, history)
    }

    fn open_in(
        self: &Arc<Self>,
        map: &mut RoomMap<P>,
        name: &Arc<str>,
        history: Option<History>,
    ) -> Arc<LiveRoom<P>> {
        if let Some(entry) = map.by_name.get(name) {
            return entry.live_room.clone();
        }
        let log = history.map(|limits| MessageLog::new(limits, uuid::Uuid::new_v4().as_u64_pair().0));
        let observer: Weak<dyn RoomObserver<P>> = Arc::<Self>::downgrade(self);
        let live_room = LiveRoom::new(name.clone(), observer, self.indexes.clone(), log);
        map.by_name.insert(name.clone(), RoomEntry { live_room: live_room.clone(), is_only_watched: false });
        live_room
    }

    /// Watches a room, which need not be there.
    pub(super) fn watch(
        self: &Arc<Self>,
        name: &Arc<str>,
        history: Option<History>,
        grouping: PresenceGrouping,
    ) -> Watch<P> {
        let mut map = self.lock();
        let live_room = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let (members, queue) = live_room.watch(grouping);
        let removed = self.update_retention_in(&mut map, &live_room, now());
        drop(map);
        drop(removed);
        Watch::new(members, queue, Arc::downgrade(&live_room))
    }
}

impl<P> RoomRegistry<P> {
    pub(super) fn new() -> Arc<Self> {
        let rooms = RoomMap { by_name: HashMap::new(), only_watched: 0, idle: IdleRooms::default() };
        Arc::new(Self {
            rooms: Mutex::new(rooms),
            indexes: RoomIndexes::new(),
            last_member: AtomicU64::new(0),
        })
    }

    fn lock(&self) -> MutexGuard<'_, RoomMap<P>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        let map = self.lock();
        map.by_name.len() - map.only_watched
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let map = self.lock();
        let rooms = map.by_name.iter().filter(|(_, entry)| !entry.is_only_watched);
        rooms.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<LiveRoom<P>>> {
        self.lock().by_name.get(name).map(|entry| entry.live_room.clone())
    }

    pub(super) fn key_holders(&self, key: &MemberKey) -> Vec<(u64, KeyHolder<LiveRoom<P>>)> {
        self.indexes.keys.holders(key)
    }

    /// Watches all rooms. While the map is locked nobody comes in; what else happens is told, or in the list, but not both.
    pub(super) fn watch_all(&self) -> WatchAll<P> {
        let map = self.lock();
        let queue = self.indexes.watchers.add();
        let mut before = Vec::new();
        let mut rooms = Vec::new();
        for (name, entry) in &map.by_name {
            let is_here = |event: &RoomsEvent<P>| matches!(event, RoomsEvent::In(room, _) if room == name);
            let members = entry.live_room.members_since(|| before.extend(queue.extract(is_here)));
            if !members.is_empty() {
                rooms.push((name.clone(), members));
            }
        }
        drop(map);
        drop_catching_panics(before);
        WatchAll::new(rooms, queue, self.indexes.clone())
    }

    /// Decides whether a room that may be empty is kept.
    pub(super) fn update_retention(&self, live_room: &Arc<LiveRoom<P>>) {
        let now = now();
        let mut map = self.lock();
        let removed = self.update_retention_in(&mut map, live_room, now);
        let expired = self.expire_idle(&mut map, now);
        drop(map);
        drop((expired, removed));
    }

    /// What is not needed any more is given back, to be dropped where nothing is locked.
    fn update_retention_in(
        &self,
        map: &mut RoomMap<P>,
        live_room: &Arc<LiveRoom<P>>,
        now: Instant,
    ) -> Option<Arc<LiveRoom<P>>> {
        match live_room.check_retention(now) {
            Retention::Occupied => {
                map.idle.remove(live_room.name());
                map.set_only_watched(live_room.name(), false);
            }
            Retention::History { until, bytes } => {
                map.idle.insert(live_room.name().clone(), until, bytes);
                map.set_only_watched(live_room.name(), false);
            }
            Retention::Watched => {
                map.idle.remove(live_room.name());
                map.set_only_watched(live_room.name(), true);
            }
            Retention::Removed => {
                map.idle.remove(live_room.name());
                return map.remove(live_room.name());
            }
            Retention::AlreadyRemoved => {}
        }
        None
    }

    /// Looks at empty rooms whose time has come, and gives up the oldest of too many.
    fn expire_idle(&self, map: &mut RoomMap<P>, now: Instant) -> Vec<Arc<LiveRoom<P>>> {
        let mut removed = Vec::new();
        while let Some((name, is_due)) = map.idle.pop(now) {
            let Some(live_room) = map.by_name.get(&name).map(|entry| entry.live_room.clone()) else {
                continue;
            };
            if !is_due {
                live_room.forget_history();
            }
            removed.extend(self.update_retention_in(map, &live_room, now));
        }
        removed
    }
}

impl<P> RoomObserver<P> for RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    fn emptied(&self, room: &Arc<LiveRoom<P>>) {
        self.update_retention(room);
    }
}

/// Nobody can come in any more.
impl<P> Drop for RoomRegistry<P> {
    fn drop(&mut self) {
        self.indexes.watchers.end().run();
    }
}

impl<P> fmt::Debug for RoomRegistry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomRegistry").finish_non_exhaustive()
    }
}
