//! The engine: which rooms there are, for how long. It knows nothing of the types of messages.
//!
//! Locks are taken in this order: the map of rooms, a room, a connection. Nothing of the user's runs under any of them:
//! messages are encoded before, presences are shared, wakers are woken and what is removed is dropped after.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, PoisonError},
    time::Instant,
};

use super::{
    events::MemberId,
    history::{History, Log, Resumed},
    place::{Aftermath, Place, Rest},
    position::Position,
};
use crate::{
    connection::{Shared, now},
    error::Result,
    sync::{AtomicU64, Mutex, MutexGuard, Ordering},
};

/// Empty rooms that are kept for their history, and what they may remember in all, in bytes.
const LINGERING: usize = 10_000;
const LINGERING_BYTES: usize = 64 << 20;

pub(super) struct Engine<P> {
    /// Guards which rooms there are: for joins, leaves and look-ups, not for broadcasts of members.
    rooms: Mutex<Map<P>>,
    last_member: AtomicU64,
}

struct Map<P> {
    by_name: HashMap<Arc<str>, Arc<Place<P>>>,
    lingering: Lingering,
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
    pub(super) fn new() -> Arc<Self> {
        let rooms = Map { by_name: HashMap::new(), lingering: Lingering::default() };
        Arc::new(Self { rooms: Mutex::new(rooms), last_member: AtomicU64::new(0) })
    }

    fn lock(&self) -> MutexGuard<'_, Map<P>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().by_name.len()
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.lock().by_name.keys().cloned().collect()
    }

    pub(super) fn find(&self, name: &str) -> Option<Arc<Place<P>>> {
        self.lock().by_name.get(name).cloned()
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
        if let Some(place) = map.by_name.get(name) {
            return place.clone();
        }
        let log = history.map(|limits| Log::new(limits, uuid::Uuid::new_v4().as_u64_pair().0));
        let place = Place::new(name.clone(), Arc::downgrade(self), log);
        map.by_name.insert(name.clone(), place.clone());
        place
    }

    /// Puts a connection into a room. What it missed since `position` is sent to it first, and everything from now on
    /// after that.
    pub(super) fn join(
        self: &Arc<Self>,
        name: &Arc<str>,
        connection: &Arc<Shared>,
        presence: P,
        position: Option<Position>,
        history: Option<History>,
    ) -> Result<Joined<P>> {
        let id = MemberId(self.last_member.fetch_add(1, Ordering::Relaxed) + 1);
        let presence = Arc::new(presence);
        let now = now();
        let mut map = self.lock();
        let swept = self.sweep(&mut map, now);
        let place = self.open_in(&mut map, name, history);
        // The room cannot vanish while the map is locked.
        let joined = place.enter(id, connection, &presence, position, now);
        let settled = self.settle_in(&mut map, &place, now);
        drop(map);
        swept.into_iter().chain(settled).for_each(Gone::run);
        let (resumed, deferred, aftermath) = joined?;
        deferred.run();
        aftermath.run();
        Ok(Joined { place, id, resumed })
    }

    /// Decides whether a room that may be empty is kept.
    pub(super) fn settle(&self, place: &Arc<Place<P>>) {
        let now = now();
        let mut map = self.lock();
        let settled = self.settle_in(&mut map, place, now);
        let swept = self.sweep(&mut map, now);
        drop(map);
        swept.into_iter().chain(settled).for_each(Gone::run);
    }

    /// What is not needed any more is given back, to be dropped where nothing is locked.
    fn settle_in(&self, map: &mut Map<P>, place: &Arc<Place<P>>, now: Instant) -> Option<Gone<P>> {
        match place.rest(now) {
            Rest::Occupied => map.lingering.remove(place.name()),
            Rest::Remembers { until, bytes } => map.lingering.insert(place.name().clone(), until, bytes),
            Rest::Gone(aftermath) => {
                map.lingering.remove(place.name());
                return Some(Gone { _place: map.by_name.remove(place.name()), aftermath });
            }
            Rest::GoneBefore => {}
        }
        None
    }

    /// Looks at empty rooms whose time has come, and gives up the oldest of too many.
    fn sweep(&self, map: &mut Map<P>, now: Instant) -> Vec<Gone<P>> {
        let mut gone = Vec::new();
        while let Some((name, is_due)) = map.lingering.pop(now) {
            let Some(place) = map.by_name.get(&name).cloned() else { continue };
            if !is_due {
                place.forget();
            }
            gone.extend(self.settle_in(map, &place, now));
        }
        gone
    }
}

/// A room that has vanished, and its watches, which end.
struct Gone<P> {
    _place: Option<Arc<Place<P>>>,
    aftermath: Aftermath<P>,
}

impl<P> Gone<P> {
    fn run(self) {
        self.aftermath.run();
    }
}

impl<P> fmt::Debug for Engine<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
