//! Delivery of broadcasts: from a room into the outbox of one of its members.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use super::{
    backlog::{Backlog, Full, SharedFrame},
    state::{Shared, State},
    waiters::Deferred,
};
use crate::{
    close::{CloseCode, CloseFrame, CloseKind},
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

    pub(super) fn say(&self) {
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
            state.backlogs.push(backlog);
            state.refill();
            state.kick_output(&mut deferred);
        }
        state.farewells.push(farewell);
        Ok(deferred)
    }

    /// Takes it out again. What still waits is given up, and the peer is told, or closed if it has too much to be told.
    pub(crate) fn leave_room(&self, member: u64) {
        let farewell = self.with(|state, deferred| {
            if let Some(place) = state.backlogs.iter().position(|backlog| backlog.member == member) {
                let left = state.backlogs.remove(place);
                state.dropped += left.len() as u64;
                if !state.backlogs.iter_mut().any(|other| other.takes(&left)) {
                    state.backlogs.push(left.of_left());
                }
                if state.backlogs.iter().filter(|backlog| backlog.is_of_left()).count() > MAX_LEFT {
                    state.close_as_lagged(deferred);
                }
            }
            let place = state.farewells.iter().position(|farewell| farewell.member == member);
            place.map(|place| state.farewells.swap_remove(place))
        });
        drop(farewell);
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
        self.lock().deliver(member, room, frame, full, deferred)
    }
}

impl State {
    fn deliver(
        &mut self,
        member: u64,
        room: &Arc<str>,
        frame: &SharedFrame,
        full: Full,
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
        // What waits in all its rooms together is bounded; a single larger message is admitted, as elsewhere.
        let others = self.backlogs.iter().filter(|backlog| backlog.member != member);
        let max_bytes = match others.map(Backlog::bytes).sum() {
            0 => self.outbox.max_bytes().max(frame.len()),
            held => self.outbox.max_bytes().saturating_sub(held),
        };
        let waiting = match (waiting, full) {
            (Some(place), _) => Some(place),
            (None, Full::Close { .. }) => None,
            (None, _) => {
                self.backlogs.push(Backlog::new(member, room.clone(), Vec::new()));
                Some(self.backlogs.len() - 1)
            }
        };
        if let Some(backlog) = waiting.map(|place| &mut self.backlogs[place]) {
            let before = backlog.len();
            if backlog.push(frame, full, max_bytes) {
                self.dropped += (before + 1 - backlog.len()) as u64;
                return Delivery::Lagging;
            }
        }
        self.close_as_lagged(deferred);
        Delivery::Closed
    }

    /// It leaves all its rooms, at once.
    fn close_as_lagged(&mut self, deferred: &mut Deferred) {
        let frame = CloseFrame { code: CloseCode::TRY_AGAIN_LATER, reason: "lagged".into() };
        self.seal(CloseKind::Lagged, Some(frame), deferred);
        deferred.leave(std::mem::take(&mut self.farewells));
    }

    /// Moves what waits into the outbox, as far as there is room: every room in its turn. `true` if anything was moved.
    pub(super) fn refill(&mut self) -> bool {
        let mut moved = false;
        while !self.backlogs.is_empty() && !self.outbox.is_sealed() && self.outbox.admits(0, SHARE) {
            moved |= self.advance();
        }
        moved
    }

    /// Moves all that waits into the outbox: the close frame comes behind it.
    pub(super) fn refill_all(&mut self) {
        while !self.backlogs.is_empty() {
            self.advance();
        }
    }

    fn advance(&mut self) -> bool {
        let mut backlog = self.backlogs.remove(0);
        let frame = backlog.pop();
        if let Some(frame) = &frame {
            self.outbox.push_encoded(&frame.0);
        }
        if !backlog.is_empty() {
            self.backlogs.push(backlog);
        }
        frame.is_some()
    }
}
