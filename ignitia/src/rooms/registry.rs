//! The engine: which rooms there are, for how long. It knows nothing of the types of messages.
//!
//! Locks are taken in this order: the map of rooms, a room (several in the order of their names), then a connection, or the
//! registry and the queue of a watch. Nothing of the user's runs under any of them:
//! messages are encoded before, presences are shared, wakers are woken and what is removed is dropped after.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, PoisonError},
    time::Instant,
};

use super::{
    config::Seats,
    events::MemberId,
    history::{History, Log, Resumed},
    index::RoomIndex,
    live_room::{Entered, LiveRoom, Newcomer, Occupancy, Of, Replaced, drop_catching_panics},
    watch::Watch,
    watch_all::{RoomsEvent, WatchAll},
};
use crate::{
    connection::{Shared, sendable},
    error::Result,
    sync::{AtomicU64, Mutex, MutexGuard, Ordering},
    time::now,
};

/// Empty rooms that are kept for their history, and what they may remember in all, in bytes.
const LINGERING: usize = 10_000;
const LINGERING_BYTES: usize = 64 << 20;

pub(super) struct RoomRegistry<P> {
    /// Guards which rooms there are: for joins, leaves and look-ups, not for broadcasts of members.
    rooms: Mutex<Map<P>>,
    index: Arc<RoomIndex<P>>,
    last_member: AtomicU64,
}

struct Map<P> {
    by_name: HashMap<Arc<str>, Listed<P>>,
    /// How many of them are only watched.
    only_watched: usize,
    lingering: Lingering,
}

struct Listed<P> {
    live_room: Arc<LiveRoom<P>>,
    /// Nobody is in it, and it remembers nothing: it counts as no room.
    is_only_watched: bool,
}

impl<P> Map<P> {
    fn list(&mut self, name: &Arc<str>, is_only_watched: bool) {
        if let Some(listed) = self.by_name.get_mut(name)
            && listed.is_only_watched != is_only_watched
        {
            listed.is_only_watched = is_only_watched;
            if is_only_watched { self.only_watched += 1 } else { self.only_watched -= 1 }
        }
    }

    fn remove(&mut self, name: &Arc<str>) -> Option<Arc<LiveRoom<P>>> {
        let listed = self.by_name.remove(name)?;
        self.only_watched -= usize::from(listed.is_only_watched);
        Some(listed.live_room)
    }
}

/// Empty rooms with a history, by the time until which they are kept.
#[derive(Default)]
struct Lingering {
    by_time: BTreeSet<(Instant, Arc<str>)>,
    by_name: HashMap<Arc<str>, (Instant, usize)>,
    bytes: usize,
}

impl Lingering {
    fn insert(&mut self, name: Arc<str>, until: Instant, bytes: usize) {
        self.remove(&name);
        self.by_time.insert((until, name.clone()));
        self.by_name.insert(name, (until, bytes));
        self.bytes += bytes;
    }

    fn remove(&mut self, name: &Arc<str>) {
        if let Some((until, bytes)) = self.by_name.remove(name) {
            self.by_time.remove(&(until, name.clone()));
            self.bytes -= bytes;
        }
    }

    /// The next room that is not kept any longer, and whether its time has come.
    fn pop(&mut self, now: Instant) -> Option<(Arc<str>, bool)> {
        let (until, name) = self.by_time.first()?;
        let is_due = *until <= now;
        if !is_due && self.by_time.len() <= LINGERING && self.bytes <= LINGERING_BYTES {
            return None;
        }
        let name = name.clone();
        self.remove(&name);
        Some((name, is_due))
    }
}

/// What came of joining.
pub(super) struct Joined<P> {
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
        newcomer: &Newcomer<P>,
        history: Option<History>,
        seats: &Seats,
    ) -> Result<Joined<P>> {
        let id = MemberId(self.last_member.fetch_add(1, Ordering::Relaxed) + 1);
        let now = now();
        let mut map = self.lock();
        let swept = self.sweep(&mut map, now);
        let live_room = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let entered = live_room.enter(id, connection, newcomer, seats, now);
        let settled = self.settle_in(&mut map, &live_room, now);
        drop(map);
        drop((swept, settled));
        let Entered { resumed, after_unlock, notifications, replaced } = entered?;
        after_unlock.run();
        notifications.run();
        for Replaced { member, connection: before, presence } in replaced {
            match seats {
                Seats::Replace(frame) if !Arc::ptr_eq(&before, connection) => {
                    before.close_and_leave_rooms(sendable(before.id, frame.clone()));
                }
                _ => before.leave_room(member),
            }
            drop_catching_panics(presence);
        }
        Ok(Joined { live_room, id, resumed })
    }
}

impl<P> RoomRegistry<P> {
    pub(super) fn new() -> Arc<Self> {
        let rooms = Map { by_name: HashMap::new(), only_watched: 0, lingering: Lingering::default() };
        Arc::new(Self { rooms: Mutex::new(rooms), index: RoomIndex::new(), last_member: AtomicU64::new(0) })
    }

    fn lock(&self) -> MutexGuard<'_, Map<P>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        let map = self.lock();
        map.by_name.len() - map.only_watched
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let map = self.lock();
        let rooms = map.by_name.iter().filter(|(_, listed)| !listed.is_only_watched);
        rooms.map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<LiveRoom<P>>> {
        self.lock().by_name.get(name).map(|listed| listed.live_room.clone())
    }

    pub(super) fn index(&self) -> &RoomIndex<P> {
        &self.index
    }

    /// The room of that name, made if need be. Whoever puts nobody into it has it [settled](Self::settle) afterwards.
    pub(super) fn open(self: &Arc<Self>, name: &Arc<str>, history: Option<History>) -> Arc<LiveRoom<P>> {
        self.open_in(&mut self.lock(), name, history)
    }

    fn open_in(
        self: &Arc<Self>,
        map: &mut Map<P>,
        name: &Arc<str>,
        history: Option<History>,
    ) -> Arc<LiveRoom<P>> {
        if let Some(listed) = map.by_name.get(name) {
            return listed.live_room.clone();
        }
        let log = history.map(|limits| Log::new(limits, uuid::Uuid::new_v4().as_u64_pair().0));
        let live_room = LiveRoom::new(name.clone(), Arc::downgrade(self), self.index.clone(), log);
        map.by_name.insert(name.clone(), Listed { live_room: live_room.clone(), is_only_watched: false });
        live_room
    }

    /// Watches a room, which need not be there.
    pub(super) fn watch(self: &Arc<Self>, name: &Arc<str>, history: Option<History>, of: Of) -> Watch<P> {
        let mut map = self.lock();
        let live_room = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let watch = live_room.watch(of);
        let settled = self.settle_in(&mut map, &live_room, now());
        drop(map);
        drop(settled);
        watch
    }

    /// Watches all rooms. While the map is locked nobody comes in; what else happens is told, or in the list, but not both.
    pub(super) fn watch_all(&self) -> WatchAll<P> {
        let map = self.lock();
        let queue = self.index.watch();
        let mut before = Vec::new();
        let mut rooms = Vec::new();
        for (name, listed) in &map.by_name {
            let is_here = |event: &RoomsEvent<P>| matches!(event, RoomsEvent::In(room, _) if room == name);
            let members = listed.live_room.members_since(|| before.extend(queue.extract(is_here)));
            if !members.is_empty() {
                rooms.push((name.clone(), members));
            }
        }
        drop(map);
        drop_catching_panics(before);
        WatchAll::new(rooms, queue, self.index.clone())
    }

    /// Decides whether a room that may be empty is kept.
    pub(super) fn settle(&self, live_room: &Arc<LiveRoom<P>>) {
        let now = now();
        let mut map = self.lock();
        let settled = self.settle_in(&mut map, live_room, now);
        let swept = self.sweep(&mut map, now);
        drop(map);
        drop((swept, settled));
    }

    /// What is not needed any more is given back, to be dropped where nothing is locked.
    fn settle_in(
        &self,
        map: &mut Map<P>,
        live_room: &Arc<LiveRoom<P>>,
        now: Instant,
    ) -> Option<Arc<LiveRoom<P>>> {
        match live_room.rest(now) {
            Occupancy::Occupied => {
                map.lingering.remove(live_room.name());
                map.list(live_room.name(), false);
            }
            Occupancy::Remembers { until, bytes } => {
                map.lingering.insert(live_room.name().clone(), until, bytes);
                map.list(live_room.name(), false);
            }
            Occupancy::Watched => {
                map.lingering.remove(live_room.name());
                map.list(live_room.name(), true);
            }
            Occupancy::Gone => {
                map.lingering.remove(live_room.name());
                return map.remove(live_room.name());
            }
            Occupancy::GoneBefore => {}
        }
        None
    }

    /// Looks at empty rooms whose time has come, and gives up the oldest of too many.
    fn sweep(&self, map: &mut Map<P>, now: Instant) -> Vec<Arc<LiveRoom<P>>> {
        let mut gone = Vec::new();
        while let Some((name, is_due)) = map.lingering.pop(now) {
            let Some(live_room) = map.by_name.get(&name).map(|listed| listed.live_room.clone()) else {
                continue;
            };
            if !is_due {
                live_room.forget();
            }
            gone.extend(self.settle_in(map, &live_room, now));
        }
        gone
    }
}

/// Nobody can come in any more.
impl<P> Drop for RoomRegistry<P> {
    fn drop(&mut self) {
        self.index.end().run();
    }
}

impl<P> fmt::Debug for RoomRegistry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
