//! One room, for as long as somebody is in it or it has something to remember: who is there, and delivery to them.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, Weak},
    task::Waker,
    time::Instant,
};

use super::{
    engine::Engine,
    events::{Member, MemberId, RoomEvent},
    history::{Log, Resumed},
    outgoing::Encoded,
    position::Position,
    watch::{Queue, Watch},
};
use crate::{
    connection::{Deferred, Delivery, Farewell, Full, Leave, Shared, now, wake},
    error::Result,
    sync::{Mutex, MutexGuard},
};

pub(super) struct Place<P> {
    name: Arc<str>,
    engine: Weak<Engine<P>>,
    /// Guards who is in the room; held while a broadcast is delivered, so that all see the same order.
    state: Mutex<State<P>>,
}

struct State<P> {
    /// In the order in which they came: those who came together lie together in memory, mostly.
    members: BTreeMap<u64, Seat<P>>,
    log: Option<Log>,
    watches: Vec<Weak<Queue<P>>>,
    /// The room has vanished: whoever still knows it has to look again.
    is_gone: bool,
}

struct Seat<P> {
    connection: Arc<Shared>,
    presence: Arc<P>,
}

/// How a broadcast is delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) full: Full,
    pub(super) except: Option<MemberId>,
    /// Whether a room with a history remembers it.
    pub(super) is_remembered: bool,
}

/// What came of a broadcast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// Members for which it is queued.
    pub queued: usize,
    /// Members for which it waits, or was given up, because they are too slow.
    pub lagging: usize,
    /// Members that were closed for being too slow.
    pub closed: usize,
}

/// What keeps a room.
pub(super) enum Rest<P> {
    /// Somebody is in it.
    Occupied,
    /// Nobody is, but it remembers something until then.
    Remembers {
        until: Instant,
        bytes: usize,
    },
    /// Nothing: from now on it is not there.
    Gone(Aftermath<P>),
    GoneBefore,
}

impl<P> Place<P>
where
    P: Send + Sync + 'static,
{
    pub(super) fn new(name: Arc<str>, engine: Weak<Engine<P>>, log: Option<Log>) -> Arc<Self> {
        let state = State { members: BTreeMap::new(), log, watches: Vec::new(), is_gone: false };
        Arc::new(Self { name, engine, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Puts a connection in. What comes of it is run once the map is unlocked.
    pub(super) fn enter(
        self: &Arc<Self>,
        id: MemberId,
        connection: &Arc<Shared>,
        presence: &Arc<P>,
        position: Option<Position>,
        now: Instant,
    ) -> Result<(Resumed, Deferred, Aftermath<P>)> {
        let room: Arc<dyn Leave> = self.clone();
        let farewell = Farewell::new(id.0, Arc::downgrade(&room));
        let mut state = self.lock();
        let (missed, resumed) = match (position, &mut state.log) {
            (None, _) => (Vec::new(), Resumed::Fresh),
            (Some(_), None) => (Vec::new(), Resumed::Lost(None)),
            (Some(position), Some(log)) => match log.since(position, now) {
                Some(missed) => {
                    let resumed = Resumed::Recovered(missed.len());
                    (missed, resumed)
                }
                None => (Vec::new(), Resumed::Lost(Some(log.position()))),
            },
        };
        let deferred = connection.join_room(farewell, &self.name, missed)?;
        let seat = Seat { connection: connection.clone(), presence: presence.clone() };
        let aftermath = state.announce(&RoomEvent::Joined(seat.member(id.0)));
        state.members.insert(id.0, seat);
        Ok((resumed, deferred, aftermath))
    }

    /// Delivers a message to all members; `None` if the room has vanished, and another may have taken its place.
    pub(super) fn broadcast(self: &Arc<Self>, message: &Encoded, terms: Terms) -> Option<Result<Delivered>> {
        let mut deferred = Deferred::default();
        let mut state = self.lock();
        if state.is_gone {
            return None;
        }
        let frame = match state.log.as_mut().filter(|_| terms.is_remembered) {
            None => message.frame(),
            Some(log) => match message.frame_at(log.next()) {
                Ok(frame) => {
                    log.push(frame.clone(), now());
                    frame
                }
                Err(error) => return Some(Err(error)),
            },
        };
        let mut delivered = Delivered::default();
        for (id, seat) in &state.members {
            if terms.except == Some(MemberId(*id)) {
                continue;
            }
            delivered.count(seat.connection.deliver(*id, &self.name, &frame, terms.full, &mut deferred));
        }
        drop(state);
        deferred.run();
        Some(Ok(delivered))
    }

    /// Delivers a message to one member, outside of the history.
    pub(super) fn send_to(self: &Arc<Self>, member: MemberId, message: &Encoded, full: Full) -> Delivered {
        let mut deferred = Deferred::default();
        let frame = message.frame();
        let mut delivered = Delivered::default();
        let state = self.lock();
        if let Some(seat) = state.members.get(&member.0) {
            delivered.count(seat.connection.deliver(member.0, &self.name, &frame, full, &mut deferred));
        }
        drop(state);
        deferred.run();
        delivered
    }

    pub(super) fn len(&self) -> usize {
        self.lock().members.len()
    }

    pub(super) fn members(&self) -> Vec<Member<P>> {
        self.lock().members()
    }

    pub(super) fn watch(&self) -> Watch<P> {
        let mut state = self.lock();
        if state.is_gone {
            return Watch::of_nobody();
        }
        let queue = Queue::new();
        // Those that went are forgotten here too: not every room has events.
        state.watches.retain(|watch| watch.strong_count() > 0);
        state.watches.push(Arc::downgrade(&queue));
        Watch::new(state.members(), queue)
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.lock().log.as_ref().map(Log::position)
    }

    pub(super) fn set_presence(&self, member: MemberId, presence: P) {
        let presence = Arc::new(presence);
        let mut state = self.lock();
        let Some(seat) = state.members.get_mut(&member.0) else { return };
        let before = std::mem::replace(&mut seat.presence, presence);
        let changed = RoomEvent::Changed(seat.member(member.0));
        let aftermath = state.announce(&changed);
        drop(state);
        aftermath.run();
        let_go((before, changed));
    }

    /// Takes a member out, from its own side.
    pub(super) fn leave_by(self: &Arc<Self>, member: MemberId, connection: &Shared) {
        // In this order: a broadcast in between would leave something for a member that is none any more.
        self.take_out(member.0);
        connection.leave_room(member.0);
    }

    fn take_out(self: &Arc<Self>, member: u64) {
        let mut state = self.lock();
        let Some(seat) = state.members.remove(&member) else { return };
        let left = RoomEvent::Left(seat.member(member));
        let aftermath = state.announce(&left);
        let is_empty = state.members.is_empty();
        if is_empty && let Some(log) = &mut state.log {
            log.leave(now());
        }
        drop(state);
        aftermath.run();
        if is_empty && let Some(engine) = self.engine.upgrade() {
            engine.settle(self);
        }
        let_go((seat, left));
    }

    /// What keeps the room; if that is nothing, it is gone.
    pub(super) fn rest(&self, now: Instant) -> Rest<P> {
        let mut state = self.lock();
        if state.is_gone {
            return Rest::GoneBefore;
        }
        if !state.members.is_empty() {
            return Rest::Occupied;
        }
        if let Some(log) = &mut state.log
            && let Some(until) = log.until(now)
        {
            return Rest::Remembers { until, bytes: log.bytes() };
        }
        state.is_gone = true;
        Rest::Gone(state.end())
    }

    /// Forgets the history, if nobody is there to come back to.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        if state.members.is_empty()
            && let Some(log) = &mut state.log
        {
            log.clear();
        }
    }
}

impl<P> State<P> {
    fn members(&self) -> Vec<Member<P>> {
        self.members.iter().map(|(id, seat)| seat.member(*id)).collect()
    }

    /// Tells the watches, in the order in which it happens.
    fn announce(&mut self, event: &RoomEvent<P>) -> Aftermath<P> {
        let mut aftermath = Aftermath::default();
        self.watches.retain(|watch| {
            let Some(queue) = watch.upgrade() else { return false };
            let (oldest, waker) = queue.push(event.clone());
            aftermath.events.extend(oldest);
            aftermath.wakers.extend(waker);
            // Should the watch go just now, what is in it goes with the last who knows it.
            aftermath.queues.push(queue);
            true
        });
        aftermath
    }

    fn end(&mut self) -> Aftermath<P> {
        let mut aftermath = Aftermath::default();
        for queue in self.watches.drain(..).filter_map(|watch| watch.upgrade()) {
            aftermath.wakers.extend(queue.end());
            aftermath.queues.push(queue);
        }
        aftermath
    }
}

/// What is left to do when nothing is locked: it runs code that is not ours.
#[must_use]
pub(super) struct Aftermath<P> {
    wakers: Vec<Waker>,
    events: Vec<RoomEvent<P>>,
    queues: Vec<Arc<Queue<P>>>,
}

impl<P> Default for Aftermath<P> {
    fn default() -> Self {
        Self { wakers: Vec::new(), events: Vec::new(), queues: Vec::new() }
    }
}

impl<P> Aftermath<P> {
    pub(super) fn run(self) {
        self.wakers.into_iter().for_each(wake);
        let_go((self.events, self.queues));
    }
}

/// Drops presences, perhaps for the last time. Should one of them panic, it is not to hit whoever comes by.
fn let_go<T>(presences: T) {
    if catch_unwind(AssertUnwindSafe(|| drop(presences))).is_err() {
        tracing::error!("the presence of a member panicked while it was dropped");
    }
}

impl<P> Seat<P> {
    fn member(&self, id: u64) -> Member<P> {
        Member { id: MemberId(id), connection: self.connection.id, presence: self.presence.clone() }
    }
}

/// Nobody can come into a room any more whose engine is gone: its watches end.
impl<P> Drop for Place<P> {
    fn drop(&mut self) {
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner).end().run();
    }
}

/// The connection has ended, or is closed for being too slow, however long its peer takes to hear of it.
impl<P: Send + Sync + 'static> Leave for Place<P> {
    fn leave(self: Arc<Self>, member: u64) {
        self.take_out(member);
    }
}

impl Delivered {
    fn count(&mut self, delivery: Delivery) {
        match delivery {
            Delivery::Queued => self.queued += 1,
            Delivery::Lagging => self.lagging += 1,
            Delivery::Closed => self.closed += 1,
            Delivery::Gone => {}
        }
    }
}

impl<P> fmt::Debug for Place<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("name", &self.name).finish_non_exhaustive()
    }
}
