//! One room, for as long as somebody is in it, watches it, or it has something to remember: who is there, and delivery to
//! them.

pub(super) mod multicast;
mod notifications;
mod occupants;
mod watchers;

use std::{
    fmt,
    sync::{Arc, PoisonError, Weak},
    time::Instant,
};

pub(super) use self::{
    notifications::{Notifications, drop_catching_panics},
    watchers::Of,
};
use self::{
    occupants::{Happened, Occupants, Seat},
    watchers::Watchers,
};
use super::{
    config::Seats,
    event_queue::Queue,
    events::{Member, MemberId},
    history::{Log, Resumed},
    index::{Holder, RoomIndex},
    member_key::MemberKey,
    outgoing::Encoded,
    position::Position,
    registry::RoomRegistry,
    remembered::Remembered,
    watch::{EVENTS, Watch},
};
use crate::{
    close::CloseFrame,
    connection::{AfterUnlock, Delivery, LeaveRoom, OverflowAction, RoomLink, Shared, SharedFrame},
    error::{Error, Result},
    sync::{Mutex, MutexGuard},
    time::now,
};

pub(super) struct LiveRoom<P> {
    name: Arc<str>,
    registry: Weak<RoomRegistry<P>>,
    index: Arc<RoomIndex<P>>,
    /// Guards who is in the room; held while a broadcast is delivered, so that all see the same order.
    state: Mutex<State<P>>,
}

struct State<P> {
    occupants: Occupants<P>,
    log: Option<Log>,
    watchers: Watchers<P>,
    /// The room has vanished: whoever still knows it has to look again.
    is_gone: bool,
}

/// Somebody who comes in.
pub(super) struct Newcomer<P> {
    pub(super) presence: Arc<P>,
    pub(super) key: Option<MemberKey>,
    /// What it has seen of the room's history.
    pub(super) position: Option<Position>,
}

/// What comes of that; all but `resumed` is for the caller, when it holds no lock.
pub(super) struct Entered<P> {
    pub(super) resumed: Resumed,
    pub(super) after_unlock: AfterUnlock,
    pub(super) notifications: Notifications<P>,
    /// The memberships whose place it took.
    pub(super) replaced: Vec<Replaced<P>>,
}

pub(super) struct Replaced<P> {
    pub(super) member: u64,
    pub(super) connection: Arc<Shared>,
    pub(super) presence: Arc<P>,
}

/// How a broadcast is delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) full: OverflowAction,
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
pub(super) enum Occupancy {
    /// Somebody is in it.
    Occupied,
    /// Nobody is, but it remembers something until then.
    Remembers {
        until: Instant,
        bytes: usize,
    },
    /// Nobody is, but somebody watches who comes.
    Watched,
    /// Nothing: from now on it is not there.
    Gone,
    GoneBefore,
}

impl<P> LiveRoom<P>
where
    P: Send + Sync + 'static,
{
    /// Puts a connection in.
    pub(super) fn enter(
        self: &Arc<Self>,
        id: MemberId,
        connection: &Arc<Shared>,
        newcomer: &Newcomer<P>,
        seats: &Seats,
        now: Instant,
    ) -> Result<Entered<P>> {
        let room: Arc<dyn LeaveRoom> = self.clone();
        let farewell = RoomLink::new(id.0, Arc::downgrade(&room));
        let Newcomer { presence, key, position } = newcomer;
        let mut state = self.lock();
        // A connection that is closing has as good as left.
        let is_there = |(_, seat): (u64, &Seat<P>)| !seat.connection.is_closed();
        if let (Some(key), Seats::Refuse) = (key, seats)
            && state.occupants.of_key(key).any(is_there)
        {
            return Err(Error::taken());
        }
        let (missed, resumed) = state.missed_since(*position, now);
        let after_unlock = connection.join_room(farewell, &self.name, missed)?;
        let mut notifications = Notifications::default();
        let mut replaced = Vec::new();
        if let (Some(key), Seats::Replace(_)) = (key, seats) {
            replaced.extend(state.occupants.of_key(key).map(|(id, _)| id));
        }
        let seat = Seat { connection: connection.clone(), presence: presence.clone() };
        let joined = state.occupants.insert(id.0, seat, key.clone());
        if let Some(key) = key {
            let holder = Holder { connection: connection.id, live_room: Arc::downgrade(self) };
            self.index.hold(key.clone(), id.0, holder);
        }
        self.announce(&state, &joined, &mut notifications);
        let replaced = replaced.into_iter().filter_map(|member| {
            let Seat { connection, presence } = self.unseat(&mut state, member, &mut notifications)?;
            Some(Replaced { member, connection, presence })
        });
        let replaced = replaced.collect();
        Ok(Entered { resumed, after_unlock, notifications, replaced })
    }
}

impl<P> LiveRoom<P> {
    pub(super) fn new(
        name: Arc<str>,
        registry: Weak<RoomRegistry<P>>,
        index: Arc<RoomIndex<P>>,
        log: Option<Log>,
    ) -> Arc<Self> {
        let state = State { occupants: Occupants::new(), log, watchers: Watchers::new(), is_gone: false };
        Arc::new(Self { name, registry, index, state: Mutex::new(state) })
    }

    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Delivers a message to all members; `None` if the room has vanished, and another may have taken its place.
    pub(super) fn broadcast(&self, message: &Encoded, terms: Terms) -> Option<Result<Delivered>> {
        let mut after_unlock = AfterUnlock::default();
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
        for (id, seat) in state.occupants.seats() {
            if terms.except == Some(MemberId(id)) {
                continue;
            }
            delivered.count(seat.connection.deliver(id, &self.name, &frame, terms.full, &mut after_unlock));
        }
        drop(state);
        after_unlock.run();
        Some(Ok(delivered))
    }

    /// Delivers a message to one member, outside of the history.
    pub(super) fn send_to(&self, member: MemberId, frame: &SharedFrame, full: OverflowAction) -> Delivered {
        let mut after_unlock = AfterUnlock::default();
        let mut delivered = Delivered::default();
        let state = self.lock();
        if let Some(seat) = state.occupants.seat(member.0) {
            delivered.count(seat.connection.deliver(member.0, &self.name, frame, full, &mut after_unlock));
        }
        drop(state);
        after_unlock.run();
        delivered
    }

    /// Closes a member's connection, which leaves all its rooms at once; `false` if there is no such member.
    pub(super) fn close(&self, member: MemberId, frame: CloseFrame) -> bool {
        let connection = self.lock().occupants.seat(member.0).map(|seat| seat.connection.clone());
        if let Some(connection) = &connection {
            connection.close_and_leave_rooms(frame);
        }
        connection.is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.lock().occupants.len()
    }

    pub(super) fn members(&self, of: Of) -> Vec<Member<P>> {
        self.lock().occupants.of(of)
    }

    /// The same for somebody who watches all rooms: what has happened here so far is forgotten at the same moment.
    pub(super) fn members_since(&self, forget: impl FnOnce()) -> Vec<Member<P>> {
        let state = self.lock();
        forget();
        state.occupants.of(Of::Members)
    }

    /// The room cannot vanish meanwhile.
    pub(super) fn watch(self: &Arc<Self>, of: Of) -> Watch<P> {
        let queue = Queue::new(EVENTS);
        let mut state = self.lock();
        state.watchers.add(&queue, of);
        Watch::new(state.occupants.of(of), queue, Arc::downgrade(self))
    }

    pub(super) fn unwatch(self: &Arc<Self>, queue: &Arc<Queue<super::RoomEvent<P>>>) {
        let mut state = self.lock();
        state.watchers.remove(queue);
        let is_idle = state.occupants.is_empty() && state.watchers.is_empty();
        drop(state);
        if is_idle && let Some(registry) = self.registry.upgrade() {
            registry.settle(self);
        }
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.lock().log.as_ref().map(Log::position)
    }

    pub(super) fn history(&self, before: Option<Position>, messages: usize) -> Vec<Remembered> {
        let found = self.lock().log.as_mut().map(|log| log.before(before, messages, now()));
        found.unwrap_or_default().into_iter().map(|(at, frame)| Remembered::new(at, &frame)).collect()
    }

    pub(super) fn set_presence(&self, member: MemberId, presence: P) {
        let presence = Arc::new(presence);
        let mut notifications = Notifications::default();
        let mut state = self.lock();
        let Some((before, changed)) = state.occupants.change(member.0, presence) else { return };
        self.announce(&state, &changed, &mut notifications);
        drop(state);
        notifications.run();
        drop_catching_panics((before, changed));
    }

    /// Takes a member out, from its own side.
    pub(super) fn leave_by(self: &Arc<Self>, member: MemberId, connection: &Shared) {
        // In this order: a broadcast in between would leave something for a member that is none any more.
        self.take_out(member.0);
        connection.leave_room(member.0);
    }

    fn take_out(self: &Arc<Self>, member: u64) {
        let mut notifications = Notifications::default();
        let mut state = self.lock();
        let Some(seat) = self.unseat(&mut state, member, &mut notifications) else { return };
        let is_empty = state.occupants.is_empty();
        if is_empty && let Some(log) = &mut state.log {
            log.leave(now());
        }
        drop(state);
        notifications.run();
        if is_empty && let Some(registry) = self.registry.upgrade() {
            registry.settle(self);
        }
        drop_catching_panics(seat.presence);
    }

    fn unseat(
        &self,
        state: &mut State<P>,
        member: u64,
        notifications: &mut Notifications<P>,
    ) -> Option<Seat<P>> {
        let (seat, key, left) = state.occupants.remove(member)?;
        if let Some(key) = key {
            self.index.release(&key, member);
        }
        self.announce(state, &left, notifications);
        // Its presence may be the last one: the caller has the seat.
        Some(seat)
    }

    /// Tells all who watch, in the order in which it happens.
    fn announce(&self, state: &State<P>, happened: &Happened<P>, notifications: &mut Notifications<P>) {
        state.watchers.announce(happened, notifications);
        self.index.announce(&self.name, &happened.to_member, notifications);
    }

    /// What keeps the room; if that is nothing, it is gone.
    pub(super) fn rest(&self, now: Instant) -> Occupancy {
        let mut state = self.lock();
        if state.is_gone {
            return Occupancy::GoneBefore;
        }
        if !state.occupants.is_empty() {
            return Occupancy::Occupied;
        }
        if let Some(log) = &mut state.log
            && let Some(until) = log.until(now)
        {
            return Occupancy::Remembers { until, bytes: log.bytes() };
        }
        if !state.watchers.is_empty() {
            return Occupancy::Watched;
        }
        state.is_gone = true;
        Occupancy::Gone
    }

    /// Forgets the history, if nobody is there to come back to.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        if state.occupants.is_empty()
            && let Some(log) = &mut state.log
        {
            log.clear();
        }
    }
}

impl<P> State<P> {
    /// What somebody is sent first who comes back.
    fn missed_since(&mut self, position: Option<Position>, now: Instant) -> (Vec<SharedFrame>, Resumed) {
        match (position, &mut self.log) {
            (None, _) => (Vec::new(), Resumed::Fresh),
            (Some(_), None) => (Vec::new(), Resumed::Lost(None)),
            (Some(position), Some(log)) => match log.since(position, now) {
                Some(missed) => {
                    let resumed = Resumed::Recovered(missed.len());
                    (missed, resumed)
                }
                None => (Vec::new(), Resumed::Lost(Some(log.position()))),
            },
        }
    }
}

/// Nobody can come into a room any more whose engine is gone: its watches end.
impl<P> Drop for LiveRoom<P> {
    fn drop(&mut self) {
        let mut notifications = Notifications::default();
        self.state.get_mut().unwrap_or_else(PoisonError::into_inner).watchers.end(&mut notifications);
        notifications.run();
    }
}

/// The connection has ended, or is closed for being too slow, however long its peer takes to hear of it.
impl<P: Send + Sync + 'static> LeaveRoom for LiveRoom<P> {
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

    pub(super) fn add(&mut self, more: Self) {
        self.queued += more.queued;
        self.lagging += more.lagging;
        self.closed += more.closed;
    }
}

impl<P> fmt::Debug for LiveRoom<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("name", &self.name).finish_non_exhaustive()
    }
}
