//! Registry of all rooms: it finds, creates and removes them. It does not depend on the type of
//! messages.
//!
//! Locks are taken in this order: the map of rooms, a room (several in the order of their names),
//! then a connection, or the list of watchers and the queue of a watch. No code of the user's runs
//! under any of them: messages are encoded before, presences are shared, and wakers are woken and
//! values are dropped after the unlock.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, Weak},
};

#[cfg(feature = "redis")]
use super::remote::{EngineLink, PresenceCodec};
use super::{
    config::{RoomSettings, Seats},
    events::RoomsEvent,
    history_config::ResumeOutcome,
    idle_rooms::IdleRooms,
    key_index::KeyHolder,
    live_room::{EnterOutcome, JoinRequest, LiveRoom, ReplacedMember, Retention, RoomIndexes, RoomObserver},
    member::MemberId,
    member_key::MemberKey,
    message_log::MessageLog,
    notifications::drop_catching_panics,
    presence_grouping::PresenceGrouping,
    remote::EngineRooms,
    removed_room::RemovedRoom,
    room_map::{RoomEntry, RoomMap},
    watch::RoomWatch,
    watch_all::WatchAll,
};
use crate::{
    connection::{Shared, sendable},
    error::Result,
    sync::{AtomicU64, Mutex, MutexGuard, Ordering},
    time::{Instant, now},
};

/// Registry of all rooms of a `Rooms`.
pub(super) struct RoomRegistry<P> {
    /// Guards the map for joins, leaves and look-ups. Broadcasts of members do not take it.
    rooms: Mutex<RoomMap<P>>,
    indexes: Arc<RoomIndexes<P>>,
    last_member: AtomicU64,
    /// Secret number for the hashes of keys: no client can choose two keys with one hash.
    hash_seed: u64,
    /// Engine that the rooms are on, if they are on one.
    engine: Option<EngineRooms<P>>,
}

/// Outcome of a join.
pub(super) struct JoinOutcome<P> {
    pub(super) live_room: Arc<LiveRoom<P>>,
    pub(super) id: MemberId,
    pub(super) resumed: ResumeOutcome,
}

impl<P> RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    /// Adds a connection to a room. The messages that it missed since its position are sent first,
    /// everything from now on after them. Returns `None` if they have to be read from the engine
    /// before.
    pub(super) fn join(
        self: &Arc<Self>,
        name: &Arc<str>,
        connection: &Arc<Shared>,
        request: &JoinRequest<P>,
        settings: &RoomSettings<'_>,
    ) -> Result<Option<JoinOutcome<P>>> {
        let count = self.last_member.fetch_add(1, Ordering::Relaxed) + 1;
        let id = MemberId(self.engine.as_ref().map_or(count, |engine| engine.member_id(count)));
        let seats = settings.seats;
        let now = now();
        let mut map = self.lock();
        let expired = self.expire_idle(&mut map, now);
        let live_room = self.open_in(&mut map, name, settings);
        // The room cannot vanish while the map is locked.
        let entered = live_room.enter(id, connection, request, seats, now);
        let removed = self.update_retention_in(&mut map, &live_room, now);
        drop(map);
        // After the unlock: dropping a room may drop the last reference to a presence.
        drop((expired, removed));
        let Some(entered) = entered? else { return Ok(None) };
        let EnterOutcome { resumed, after_unlock, notifications, replaced } = entered;
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
        Ok(Some(JoinOutcome { live_room, id, resumed }))
    }

    /// Returns the room of that name, created if it does not exist. A caller that adds no member
    /// calls [`update_retention`](Self::update_retention) afterwards.
    pub(super) fn open(self: &Arc<Self>, name: &Arc<str>, settings: &RoomSettings<'_>) -> Arc<LiveRoom<P>> {
        self.open_in(&mut self.lock(), name, settings)
    }

    fn open_in(
        self: &Arc<Self>,
        map: &mut RoomMap<P>,
        name: &Arc<str>,
        settings: &RoomSettings<'_>,
    ) -> Arc<LiveRoom<P>> {
        if let Some(entry) = map.by_name.get(name) {
            return entry.live_room.clone();
        }
        let epoch = || if self.engine.is_some() { 0 } else { random_number() };
        let log = settings.history.map(|limits| MessageLog::new(limits, epoch()));
        let observer: Weak<dyn RoomObserver<P>> = Arc::<Self>::downgrade(self);
        let engine = self.engine.as_ref().map(|engine| engine.room(settings));
        let live_room = LiveRoom::new(name.clone(), observer, self.indexes.clone(), log, engine);
        if let Some(engine) = &live_room.engine {
            engine.open_feed(name, settings.history.is_some(), Arc::downgrade(&live_room));
        }
        map.by_name.insert(name.clone(), RoomEntry { live_room: live_room.clone(), is_only_watched: false });
        live_room
    }

    /// Watches a room, which is created if it does not exist.
    pub(super) fn watch(
        self: &Arc<Self>,
        name: &Arc<str>,
        settings: &RoomSettings<'_>,
        grouping: PresenceGrouping,
    ) -> RoomWatch<P> {
        let mut map = self.lock();
        let live_room = self.open_in(&mut map, name, settings);
        // The room cannot vanish while the map is locked.
        let (members, queue) = live_room.watch(grouping);
        let removed = self.update_retention_in(&mut map, &live_room, now());
        drop(map);
        drop(removed);
        RoomWatch::new(members, queue, Arc::downgrade(&live_room))
    }

    /// Returns the room of that name, created if it does not exist. `hold` runs before it can be
    /// removed.
    #[cfg(feature = "redis")]
    pub(super) fn open_held(
        self: &Arc<Self>,
        name: &Arc<str>,
        settings: &RoomSettings<'_>,
        hold: impl FnOnce(&LiveRoom<P>),
    ) -> Arc<LiveRoom<P>> {
        let mut map = self.lock();
        let live_room = self.open_in(&mut map, name, settings);
        hold(&live_room);
        let removed = self.update_retention_in(&mut map, &live_room, now());
        drop(map);
        drop(removed);
        live_room
    }
}

impl<P> RoomRegistry<P> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self::with_parts(random_number(), None))
    }

    fn with_parts(hash_seed: u64, engine: Option<EngineRooms<P>>) -> Self {
        let rooms = RoomMap { by_name: HashMap::new(), only_watched: 0, idle: IdleRooms::default() };
        Self {
            rooms: Mutex::new(rooms),
            indexes: RoomIndexes::new(),
            last_member: AtomicU64::new(0),
            hash_seed,
            engine,
        }
    }

    pub(super) fn hash_seed(&self) -> u64 {
        self.hash_seed
    }

    /// Returns the engine that the rooms are on, if they are on one.
    pub(super) fn engine(&self) -> Option<&EngineRooms<P>> {
        self.engine.as_ref()
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

    /// Watches all rooms. No member joins while the map is locked. Every other change is either in
    /// the list or an event, never both: the events of a room before its list was made are taken
    /// out of the queue again.
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

    /// Decides how long a room that may be empty is kept.
    pub(super) fn update_retention(&self, live_room: &Arc<LiveRoom<P>>) {
        let now = now();
        let mut map = self.lock();
        let removed = self.update_retention_in(&mut map, live_room, now);
        let expired = self.expire_idle(&mut map, now);
        drop(map);
        drop((expired, removed));
    }

    /// Does the same in a locked map. Returns a room that is removed, to be dropped after the
    /// unlock.
    fn update_retention_in(
        &self,
        map: &mut RoomMap<P>,
        live_room: &Arc<LiveRoom<P>>,
        now: Instant,
    ) -> Option<RemovedRoom<P>> {
        match live_room.check_retention(now) {
            Retention::Occupied => {
                map.idle.remove(live_room.name());
                map.set_only_watched(live_room.name(), false);
            }
            Retention::History { until, bytes, had_messages } => {
                map.idle.insert(live_room.name().clone(), until, bytes, had_messages);
                map.set_only_watched(live_room.name(), false);
            }
            Retention::Watched => {
                map.idle.remove(live_room.name());
                map.set_only_watched(live_room.name(), true);
            }
            Retention::Removed(notifications) => {
                live_room.close_feed();
                map.idle.remove(live_room.name());
                let removed = map.remove(live_room.name())?;
                return Some(RemovedRoom::new(removed, notifications));
            }
            Retention::AlreadyRemoved => {}
        }
        None
    }

    /// Removes empty rooms whose time is up and, of too many, the oldest.
    fn expire_idle(&self, map: &mut RoomMap<P>, now: Instant) -> Vec<RemovedRoom<P>> {
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

    #[cfg(feature = "redis")]
    fn find_room(&self, name: &str) -> Option<Arc<LiveRoom<P>>> {
        self.find(name)
    }
}

#[cfg(feature = "redis")]
impl<P> RoomRegistry<P>
where
    P: Send + Sync + 'static,
{
    /// Creates the registry of rooms on an engine.
    pub(super) fn on(link: Arc<dyn EngineLink>, codec: PresenceCodec<P>) -> Arc<Self> {
        let engine = EngineRooms::new(link, codec, random_number() as u32);
        let registry = Arc::new(Self::with_parts(engine.hash_seed(), Some(engine)));
        if let Some(engine) = &registry.engine {
            engine.open_common(Arc::downgrade(&registry));
        }
        registry
    }
}

/// Ends the watches of all rooms, and the feeds of rooms on an engine: no member can join any more.
impl<P> Drop for RoomRegistry<P> {
    fn drop(&mut self) {
        if let Some(engine) = &self.engine {
            engine.close_common();
            self.lock().by_name.values().for_each(|entry| entry.live_room.close_feed());
        }
        self.indexes.watchers.end().run();
    }
}

impl<P> fmt::Debug for RoomRegistry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomRegistry").finish_non_exhaustive()
    }
}

fn random_number() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
