//! Delivery of broadcasts: from a room into the outbox of one of its members.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use super::{
    backlog::{Allowance, Backlog, Full, SharedFrame},
    shared::{Shared, State},
    waiters::Deferred,
};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::config::WebSocketConfig,
    error::{Error, Result},
};

/// What broadcasts may take of an outbox, in bytes, where the room rather gives messages up than closes: what is in the
/// outbox cannot be given up any more.
const SHARE: usize = 64 << 10;

/// Rooms that a connection has left while it lagged, and that its peer is still to be told of.
const MAX_LEFT: usize = 64;

/// What became of one broadcast for one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Queued,
    /// It waits, or it or another was given up.
    Lagging,
    /// The member was too slow, and is closed.
    Closed,
    /// The connection had ended.
    Gone,
}

/// Whoever must hear of the end of a connection.
pub(crate) trait Leave: Send + Sync {
    fn leave(self: Arc<Self>, member: u64);
}

/// One membership of a connection.
#[derive(Clone)]
pub(crate) struct Farewell {
    member: u64,
    room: Weak<dyn Leave>,
}

impl Farewell {
    pub(crate) fn new(member: u64, room: Weak<dyn Leave>) -> Self {
        Self { member, room }
    }

    pub(crate) fn say(&self) {
        if let Some(room) = self.room.upgrade() {
            room.leave(self.member);
        }
    }
}

impl fmt::Debug for Farewell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Farewell").field("member", &self.member).finish_non_exhaustive()
    }
}

impl Shared {
    /// Puts the connection into a room: `missed` is what it is sent first. What is deferred is for the caller to run,
    /// when it holds no lock.
    pub(crate) fn join_room(
        &self,
        farewell: Farewell,
        room: &Arc<str>,
        missed: Vec<SharedFrame>,
    ) -> Result<Deferred> {
        let mut deferred = Deferred::default();
        let mut state = self.lock();
        if state.is_over() {
            return Err(Error::closed());
        }
        state.want(&mut deferred);
        if !missed.is_empty() {
            let backlog = Backlog::new(farewell.member, room.clone(), missed);
            state.backlogs.push_back(backlog);
            state.refill();
            state.kick_output(&mut deferred);
        }
        state.farewells.push(farewell);
        Ok(deferred)
    }

    /// Takes it out again. What was sent to it before still goes out, unless it is slow.
    pub(crate) fn leave_room(&self, member: u64) {
        let farewell = self.with(|state, deferred| {
            if let Some(place) = state.backlogs.iter().position(|backlog| backlog.member == member)
                && let Some(left) = state.backlogs.remove(place)
            {
                state.let_go_of(left, &self.config, deferred);
            }
            let place = state.farewells.iter().position(|farewell| farewell.member == member);
            place.map(|place| state.farewells.swap_remove(place))
        });
        drop(farewell);
    }

    /// Closes the connection behind what is queued for it, and behind the message that its handler is at; what it has sent
    /// besides is not handled. It leaves all its rooms at once, however long its peer takes.
    pub(crate) fn expel(&self, frame: CloseFrame) {
        self.with(|state, deferred| {
            state.want(deferred);
            state.conclude(CloseKind::Local, frame, &self.config, deferred);
            deferred.leave(std::mem::take(&mut state.farewells));
        });
    }

    /// Queues a broadcast, or does what the room does for those that are too slow. It never waits. What is deferred is
    /// for the caller to run, when it holds no lock.
    pub(crate) fn deliver(
        &self,
        member: u64,
        room: &Arc<str>,
        frame: &SharedFrame,
        full: Full,
        deferred: &mut Deferred,
    ) -> Delivery {
        self.lock().deliver(member, room, frame, full, &self.config, deferred)
    }
}

#[cfg(shuttle)]
impl Shared {
    pub(crate) fn fall_behind(&self) {
        self.with(|state, deferred| state.fall_behind(&self.config, deferred));
    }
}

impl State {
    fn deliver(
        &mut self,
        member: u64,
        room: &Arc<str>,
        frame: &SharedFrame,
        full: Full,
        config: &Arc<WebSocketConfig>,
        deferred: &mut Deferred,
    ) -> Delivery {
        if self.is_over() {
            return Delivery::Gone;
        }
        self.want(deferred);
        let waiting = self.backlogs.iter().position(|backlog| backlog.member == member);
        let share = if matches!(full, Full::Close { .. }) { usize::MAX } else { SHARE };
        if waiting.is_none() && self.outbox.admits(frame.len(), share) {
            self.outbox.push_encoded(&frame.0);
            self.kick_output(deferred);
            return Delivery::Queued;
        }
        // Nothing before this looks at the configuration: it is memory that may have to be fetched.
        let burst = config.outbox_burst;
        let is_slow = self.is_slow || burst <= 1;
        let place = match (waiting, full) {
            (Some(place), _) => place,
            (None, Full::Close { .. }) if is_slow => {
                self.close_as_lagged(config, deferred);
                return Delivery::Closed;
            }
            (None, _) => {
                self.backlogs.push_back(Backlog::new(member, room.clone(), Vec::new()));
                // From now on the task watches how long it waits.
                self.kick_output(deferred);
                self.backlogs.len() - 1
            }
        };
        let allowed = self.allowance(place, frame.len(), full, (!is_slow).then_some(burst));
        let backlog = &mut self.backlogs[place];
        let before = backlog.len();
        if !backlog.push(frame, full, allowed, is_slow, deferred) {
            self.close_as_lagged(config, deferred);
            return Delivery::Closed;
        }
        let given_up = before + 1 - backlog.len();
        self.dropped += given_up as u64;
        if is_slow || given_up > 0 { Delivery::Lagging } else { Delivery::Queued }
    }

    /// What may wait in one room: in messages the room says it, in bytes it is what the other rooms leave; a single larger
    /// message is admitted, as elsewhere. A peer that is not slow may have a burst of them.
    fn allowance(&self, place: usize, length: usize, full: Full, burst: Option<usize>) -> Allowance {
        let others = self.backlogs.iter().enumerate().filter(|(other, _)| *other != place);
        let (messages, bytes) = others.fold((0, 0), |(messages, bytes), (_, backlog)| {
            (messages + backlog.messages(), bytes + backlog.bytes())
        });
        let slow = Allowance {
            messages: self.backlogs[place].limit(full),
            bytes: match bytes {
                0 => self.outbox.max_bytes().max(length),
                held => self.outbox.max_bytes().saturating_sub(held),
            },
        };
        let Some(left) = burst.map(|times| self.outbox.left_of_burst(times)) else { return slow };
        Allowance {
            messages: slow.messages.max(left.messages.saturating_sub(messages)),
            bytes: slow.bytes.max(left.bytes.saturating_sub(bytes)),
        }
    }

    /// What waits of a room that was left goes into the outbox, as part of a burst. If the peer is slow it is given up, and the
    /// peer is told, or closed if it has too much to be told.
    fn let_go_of(&mut self, mut left: Backlog, config: &WebSocketConfig, deferred: &mut Deferred) {
        let rest = self.outbox.left_of_burst(config.outbox_burst);
        if !self.is_slow && left.is_within(rest) {
            while let Some(frame) = left.pop() {
                self.outbox.push_encoded(&frame.0);
            }
            return self.kick_output(deferred);
        }
        self.dropped += left.len() as u64;
        if !self.backlogs.iter_mut().any(|other| other.takes(&left)) {
            self.backlogs.push_back(left.of_left());
        }
        if self.backlogs.iter().filter(|backlog| backlog.is_of_left()).count() > MAX_LEFT {
            self.close_as_lagged(config, deferred);
        }
    }

    /// The peer has been behind for too long: what waits is cut down to what may wait for a slow one.
    pub(crate) fn fall_behind(&mut self, config: &WebSocketConfig, deferred: &mut Deferred) {
        self.is_slow = true;
        let (before, mut left) =
            (self.backlogs.iter().map(Backlog::len).sum::<usize>(), self.outbox.max_bytes());
        for backlog in &mut self.backlogs {
            let allowed = Allowance { messages: backlog.limit(backlog.full()), bytes: left };
            if !backlog.trim(allowed, deferred) {
                return self.close_as_lagged(config, deferred);
            }
            left -= backlog.bytes();
        }
        self.dropped += (before - self.backlogs.iter().map(Backlog::len).sum::<usize>()) as u64;
    }

    /// It leaves all its rooms, at once.
    fn close_as_lagged(&mut self, config: &WebSocketConfig, deferred: &mut Deferred) {
        let frame = CloseFrame { code: config.close_codes.lagged, reason: "lagged".into() };
        self.conclude(CloseKind::Lagged, frame, config, deferred);
        deferred.leave(std::mem::take(&mut self.farewells));
    }

    /// Moves what waits into the outbox, as far as there is room: every room in its turn. `true` if anything was moved.
    pub(crate) fn refill(&mut self) -> bool {
        let mut moved = false;
        while !self.backlogs.is_empty() && !self.outbox.is_sealed() && self.outbox.admits(0, SHARE) {
            moved |= self.advance();
        }
        moved
    }

    /// Moves all that waits into the outbox: the close frame comes behind it.
    pub(crate) fn refill_all(&mut self) {
        while !self.backlogs.is_empty() {
            self.advance();
        }
    }

    fn advance(&mut self) -> bool {
        let Some(mut backlog) = self.backlogs.pop_front() else { return false };
        let frame = backlog.pop();
        if let Some(frame) = &frame {
            self.outbox.push_encoded(&frame.0);
        }
        if !backlog.is_empty() {
            self.backlogs.push_back(backlog);
        }
        frame.is_some()
    }
}
