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
    index::Registry,
    live_room::{Entered, Newcomer, Of, Place, Replaced, Rest, let_go},
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

pub(super) struct Engine<P> {
    /// Guards which rooms there are: for joins, leaves and look-ups, not for broadcasts of members.
    rooms: Mutex<Map<P>>,
    registry: Arc<Registry<P>>,
    last_member: AtomicU64,
}

struct Map<P> {
    by_name: HashMap<Arc<str>, Listed<P>>,
    /// How many of them are only watched.
    only_watched: usize,
    lingering: Lingering,
}

struct Listed<P> {
    place: Arc<Place<P>>,
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

    fn remove(&mut self, name: &Arc<str>) -> Option<Arc<Place<P>>> {
        let listed = self.by_name.remove(name)?;
        self.only_watched -= usize::from(listed.is_only_watched);
        Some(listed.place)
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
    pub(super) place: Arc<Place<P>>,
    pub(super) id: MemberId,
    pub(super) resumed: Resumed,
}

impl<P> Engine<P>
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
        let place = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let entered = place.enter(id, connection, newcomer, seats, now);
        let settled = self.settle_in(&mut map, &place, now);
        drop(map);
        drop((swept, settled));
        let Entered { resumed, deferred, aftermath, replaced } = entered?;
        deferred.run();
        aftermath.run();
        for Replaced { member, connection: before, presence } in replaced {
            match seats {
                Seats::Replace(frame) if !Arc::ptr_eq(&before, connection) => {
                    before.expel(sendable(before.id, frame.clone()));
                }
                _ => before.leave_room(member),
            }
            let_go(presence);
        }
        Ok(Joined { place, id, resumed })
    }
}

impl<P> Engine<P> {
    pub(super) fn new() -> Arc<Self> {
        let rooms = Map { by_name: HashMap::new(), only_watched: 0, lingering: Lingering::default() };
        Arc::new(Self { rooms: Mutex::new(rooms), registry: Registry::new(), last_member: AtomicU64::new(0) })
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

    pub(super) fn find(&self, name: &str) -> Option<Arc<Place<P>>> {
        self.lock().by_name.get(name).map(|listed| listed.place.clone())
    }

    pub(super) fn registry(&self) -> &Registry<P> {
        &self.registry
    }

    /// The room of that name, made if need be. Whoever puts nobody into it has it [settled](Self::settle) afterwards.
    pub(super) fn open(self: &Arc<Self>, name: &Arc<str>, history: Option<History>) -> Arc<Place<P>> {
        self.open_in(&mut self.lock(), name, history)
    }

    fn open_in(
        self: &Arc<Self>,
        map: &mut Map<P>,
        name: &Arc<str>,
        history: Option<History>,
    ) -> Arc<Place<P>> {
        if let Some(listed) = map.by_name.get(name) {
            return listed.place.clone();
        }
        let log = history.map(|limits| Log::new(limits, uuid::Uuid::new_v4().as_u64_pair().0));
        let place = Place::new(name.clone(), Arc::downgrade(self), self.registry.clone(), log);
        map.by_name.insert(name.clone(), Listed { place: place.clone(), is_only_watched: false });
        place
    }

    /// Watches a room, which need not be there.
    pub(super) fn watch(self: &Arc<Self>, name: &Arc<str>, history: Option<History>, of: Of) -> Watch<P> {
        let mut map = self.lock();
        let place = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let watch = place.watch(of);
        let settled = self.settle_in(&mut map, &place, now());
        drop(map);
        drop(settled);
        watch
    }

    /// Watches all rooms. While the map is locked nobody comes in; what else happens is told, or in the list, but not both.
    pub(super) fn watch_all(&self) -> WatchAll<P> {
        let map = self.lock();
        let queue = self.registry.watch();
        let mut before = Vec::new();
        let mut rooms = Vec::new();
        for (name, listed) in &map.by_name {
            let is_here = |event: &RoomsEvent<P>| matches!(event, RoomsEvent::In(room, _) if room == name);
            let members = listed.place.members_since(|| before.extend(queue.extract(is_here)));
            if !members.is_empty() {
                rooms.push((name.clone(), members));
            }
        }
        drop(map);
        let_go(before);
        WatchAll::new(rooms, queue, self.registry.clone())
    }

    /// Decides whether a room that may be empty is kept.
    pub(super) fn settle(&self, place: &Arc<Place<P>>) {
        let now = now();
        let mut map = self.lock();
        let settled = self.settle_in(&mut map, place, now);
        let swept = self.sweep(&mut map, now);
        drop(map);
        drop((swept, settled));
    }

    /// What is not needed any more is given back, to be dropped where nothing is locked.
    fn settle_in(&self, map: &mut Map<P>, place: &Arc<Place<P>>, now: Instant) -> Option<Arc<Place<P>>> {
        match place.rest(now) {
            Rest::Occupied => {
                map.lingering.remove(place.name());
                map.list(place.name(), false);
            }
            Rest::Remembers { until, bytes } => {
                map.lingering.insert(place.name().clone(), until, bytes);
                map.list(place.name(), false);
            }
            Rest::Watched => {
                map.lingering.remove(place.name());
                map.list(place.name(), true);
            }
            Rest::Gone => {
                map.lingering.remove(place.name());
                return map.remove(place.name());
            }
            Rest::GoneBefore => {}
        }
        None
    }

    /// Looks at empty rooms whose time has come, and gives up the oldest of too many.
    fn sweep(&self, map: &mut Map<P>, now: Instant) -> Vec<Arc<Place<P>>> {
        let mut gone = Vec::new();
        while let Some((name, is_due)) = map.lingering.pop(now) {
            let Some(place) = map.by_name.get(&name).map(|listed| listed.place.clone()) else { continue };
            if !is_due {
                place.forget();
            }
            gone.extend(self.settle_in(map, &place, now));
        }
        gone
    }
}

/// Nobody can come in any more.
impl<P> Drop for Engine<P> {
    fn drop(&mut self) {
        self.registry.end().run();
    }
}

impl<P> fmt::Debug for Engine<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
