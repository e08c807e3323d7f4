//! Delivery of broadcasts (fan-out): from a room into the send queue of one of its members, and the
//! policy for members that are too slow.

use std::sync::Arc;

use super::{
    after_unlock::AfterUnlock,
    backlog::{Allowance, Backlog, OverflowAction},
    connection_state::ConnectionState,
    room_link::RoomLink,
    shared::Shared,
    shared_frame::SharedFrame,
};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::config::WebSocketConfig,
    error::{Error, Result},
};

/// Most bytes of broadcasts in a send queue where the room rather drops messages than closes the
/// member: a queued frame cannot be dropped any more.
const SHARE: usize = 64 << 10;

/// Most rooms that a connection has left while it lagged, and whose notice its peer is still to be
/// sent.
const MAX_LEFT: usize = 64;

/// Outcome of one broadcast for one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    Queued,
    /// The message waits, or it or another was dropped.
    Lagging,
    /// The member was too slow and is closed.
    Closed,
    /// The connection had ended.
    Gone,
}

impl Shared {
    /// Puts the connection into a room. `notice` and `missed` are sent first. The caller runs the
    /// returned work once it holds no lock.
    pub(crate) fn join_room(
        &self,
        room_link: RoomLink,
        room: &Arc<str>,
        notice: Option<SharedFrame>,
        missed: Vec<SharedFrame>,
    ) -> Result<AfterUnlock> {
        let mut after_unlock = AfterUnlock::default();
        let mut state = self.lock();
        if state.is_over() {
            return Err(Error::closed());
        }
        state.request_upgrade(&mut after_unlock);
        if notice.is_some() || !missed.is_empty() {
            let backlog = Backlog::of_entering(room_link.member, room.clone(), notice, missed);
            state.backlogs.push_back(backlog);
            state.refill();
            state.notify_output(&mut after_unlock);
        }
        state.room_links.push(room_link);
        Ok(after_unlock)
    }

    /// Takes the connection out of a room. Messages that were sent before still go out, unless the
    /// connection is slow.
    pub(crate) fn leave_room(&self, member: u64) {
        let room_link = self.with(|state, after_unlock| {
            if let Some(place) = state.backlogs.iter().position(|backlog| backlog.member == member)
                && let Some(left) = state.backlogs.remove(place)
            {
                state.release_backlog(left, &self.config, after_unlock);
            }
            let place = state.room_links.iter().position(|room_link| room_link.member == member);
            place.map(|place| state.room_links.swap_remove(place))
        });
        drop(room_link);
    }

    /// Closes the connection behind its queued messages and the message that its handler is at.
    /// Other messages from the peer are not handled. It leaves all its rooms at once, however long
    /// its peer takes to close.
    pub(crate) fn close_and_leave_rooms(&self, frame: CloseFrame) {
        self.with(|state, after_unlock| {
            state.request_upgrade(after_unlock);
            state.close_after_handler(CloseKind::Local, frame, &self.config, after_unlock);
            after_unlock.leave(std::mem::take(&mut state.room_links));
        });
    }

    /// Queues a broadcast, or applies the room's policy to a member that is too slow. Never waits.
    /// The caller runs `after_unlock` once it holds no lock.
    // A call for each member costs a tenth of a broadcast.
    #[inline(always)]
    pub(crate) fn deliver(
        self: &Arc<Self>,
        member: u64,
        room: &Arc<str>,
        frame: &SharedFrame,
        on_overflow: OverflowAction,
        after_unlock: &mut AfterUnlock,
    ) -> Delivery {
        let mut state = self.lock();
        // Nearly always nothing waits, and there is room.
        if state.backlogs.is_empty() && !state.is_over() && state.admits_broadcast(frame, on_overflow) {
            return state.queue_broadcast(self, frame, after_unlock);
        }
        state.deliver(self, member, room, frame, on_overflow, after_unlock)
    }
}

#[cfg(feature = "redis")]
impl Shared {
    /// Notes that messages of a room are missing, which its engine has missed. The member is closed
    /// as a slow one is, or told in the place of the messages. The caller runs `after_unlock` once
    /// it holds no lock.
    pub(crate) fn note_missed(
        &self,
        member: u64,
        room: &Arc<str>,
        missed: Option<u64>,
        on_overflow: OverflowAction,
        after_unlock: &mut AfterUnlock,
    ) {
        let mut state = self.lock();
        if state.is_over() {
            return;
        }
        state.request_upgrade(after_unlock);
        if let OverflowAction::Close { .. } = on_overflow {
            return state.close_as_lagged(&self.config, after_unlock);
        }
        match state.backlogs.iter_mut().find(|backlog| backlog.member == member) {
            Some(backlog) => backlog.note_missed(missed),
            None => {
                let mut backlog = Backlog::new(member, room.clone());
                backlog.note_missed(missed);
                state.backlogs.push_back(backlog);
                state.refill();
                state.notify_output(after_unlock);
            }
        }
    }
}

#[cfg(shuttle)]
impl Shared {
    pub(crate) fn fall_behind(&self) {
        self.with(|state, after_unlock| state.fall_behind(&self.config, after_unlock));
    }
}

impl ConnectionState {
    #[inline]
    fn admits_broadcast(&self, frame: &SharedFrame, on_overflow: OverflowAction) -> bool {
        let share = if matches!(on_overflow, OverflowAction::Close { .. }) { usize::MAX } else { SHARE };
        self.send_queue.admits_broadcast(frame.len(), share)
    }

    #[inline]
    fn queue_broadcast(
        &mut self,
        connection: &Arc<Shared>,
        frame: &SharedFrame,
        after_unlock: &mut AfterUnlock,
    ) -> Delivery {
        self.request_upgrade(after_unlock);
        self.send_queue.push_frame(frame);
        self.notify_broadcast(connection, after_unlock);
        Delivery::Queued
    }

    #[inline(never)]
    fn deliver(
        &mut self,
        connection: &Arc<Shared>,
        member: u64,
        room: &Arc<str>,
        frame: &SharedFrame,
        on_overflow: OverflowAction,
        after_unlock: &mut AfterUnlock,
    ) -> Delivery {
        if self.is_over() {
            return Delivery::Gone;
        }
        let waiting = self.backlogs.iter().position(|backlog| backlog.member == member);
        // While messages of this room wait, a new one must queue up behind them.
        if waiting.is_none() && self.admits_broadcast(frame, on_overflow) {
            return self.queue_broadcast(connection, frame, after_unlock);
        }
        self.request_upgrade(after_unlock);
        // Nothing before this reads the configuration: it is on a cache line of its own.
        let config = &connection.config;
        let burst = config.outbox_burst;
        let is_slow = self.is_slow || burst <= 1;
        let place = match (waiting, on_overflow) {
            (Some(place), _) => place,
            (None, OverflowAction::Close { .. }) if is_slow => {
                self.close_as_lagged(config, after_unlock);
                return Delivery::Closed;
            }
            (None, _) => {
                self.backlogs.push_back(Backlog::new(member, room.clone()));
                // From now on the task measures how long the backlog waits.
                self.notify_output(after_unlock);
                self.backlogs.len() - 1
            }
        };
        let allowed = self.allowance(place, frame.len(), on_overflow, (!is_slow).then_some(burst));
        let backlog = &mut self.backlogs[place];
        let before = backlog.len();
        let mut given_up = Vec::new();
        let is_kept = backlog.push(frame, on_overflow, allowed, is_slow, &mut given_up);
        after_unlock.drop_given_up(given_up);
        if !is_kept {
            self.close_as_lagged(config, after_unlock);
            return Delivery::Closed;
        }
        let given_up = before + 1 - backlog.len();
        self.dropped += given_up as u64;
        if is_slow || given_up > 0 { Delivery::Lagging } else { Delivery::Queued }
    }

    /// Returns the allowance of one room. The room limits messages; bytes are limited to those that
    /// the other rooms leave. A single larger message is admitted, as elsewhere. A peer that is not
    /// slow is allowed a burst.
    fn allowance(
        &self,
        place: usize,
        length: usize,
        on_overflow: OverflowAction,
        burst: Option<usize>,
    ) -> Allowance {
        let others = self.backlogs.iter().enumerate().filter(|(other, _)| *other != place);
        let (messages, bytes) = others.fold((0, 0), |(messages, bytes), (_, backlog)| {
            (messages + backlog.messages(), bytes + backlog.bytes())
        });
        let slow = Allowance {
            messages: self.backlogs[place].limit(on_overflow),
            bytes: match bytes {
                0 => self.send_queue.max_bytes().max(length),
                held => self.send_queue.max_bytes().saturating_sub(held),
            },
        };
        let Some(left) = burst.map(|times| self.send_queue.left_of_burst(times)) else { return slow };
        Allowance {
            messages: slow.messages.max(left.messages.saturating_sub(messages)),
            bytes: slow.bytes.max(left.bytes.saturating_sub(bytes)),
        }
    }

    /// Releases the backlog of a room that was left. It goes into the send queue, as part of a
    /// burst. For a slow peer it is dropped: the peer is sent a notice, or closed if too many
    /// notices wait.
    fn release_backlog(
        &mut self,
        mut left: Backlog,
        config: &WebSocketConfig,
        after_unlock: &mut AfterUnlock,
    ) {
        let rest = self.send_queue.left_of_burst(config.outbox_burst);
        if !self.is_slow && left.is_within(rest) {
            while let Some(frame) = left.pop() {
                self.send_queue.push_frame(&frame);
            }
            return self.notify_output(after_unlock);
        }
        self.dropped += left.len() as u64;
        // Nothing of the room is missing if only its notice was to be sent.
        if left.missed() != Some(0) && !self.backlogs.iter_mut().any(|other| other.absorb(&left)) {
            self.backlogs.push_back(left.into_left());
        }
        // Each notice is memory that a peer could make us keep by joining and leaving.
        if self.backlogs.iter().filter(|backlog| backlog.is_of_left()).count() > MAX_LEFT {
            self.close_as_lagged(config, after_unlock);
        }
    }

    /// Marks the peer as slow. Its backlogs are trimmed to what may wait for a slow one.
    pub(crate) fn fall_behind(&mut self, config: &WebSocketConfig, after_unlock: &mut AfterUnlock) {
        self.is_slow = true;
        let (before, mut left) =
            (self.backlogs.iter().map(Backlog::len).sum::<usize>(), self.send_queue.max_bytes());
        for backlog in &mut self.backlogs {
            let allowed = Allowance { messages: backlog.limit(backlog.on_overflow()), bytes: left };
            let mut given_up = Vec::new();
            let is_kept = backlog.trim(allowed, &mut given_up);
            after_unlock.drop_given_up(given_up);
            if !is_kept {
                return self.close_as_lagged(config, after_unlock);
            }
            left -= backlog.bytes();
        }
        self.dropped += (before - self.backlogs.iter().map(Backlog::len).sum::<usize>()) as u64;
    }

    /// Closes a connection that is too slow. It leaves all its rooms at once.
    fn close_as_lagged(&mut self, config: &WebSocketConfig, after_unlock: &mut AfterUnlock) {
        let frame = CloseFrame { code: config.close_codes.lagged, reason: "lagged".into() };
        self.close_after_handler(CloseKind::Lagged, frame, config, after_unlock);
        after_unlock.leave(std::mem::take(&mut self.room_links));
    }

    /// Moves backlogs into the send queue as far as there is room, one message of each room in
    /// turn. Returns `true` if any was moved.
    pub(crate) fn refill(&mut self) -> bool {
        let mut moved = false;
        while !self.backlogs.is_empty()
            && !self.send_queue.is_closing()
            && self.send_queue.admits_broadcast(0, SHARE)
        {
            moved |= self.advance();
        }
        moved
    }

    /// Moves all backlogs into the send queue: the close frame goes behind them.
    pub(crate) fn refill_all(&mut self) {
        while !self.backlogs.is_empty() {
            self.advance();
        }
    }

    fn advance(&mut self) -> bool {
        let Some(mut backlog) = self.backlogs.pop_front() else { return false };
        let frame = backlog.pop();
        if let Some(frame) = &frame {
            self.send_queue.push_frame(frame);
        }
        if !backlog.is_empty() {
            self.backlogs.push_back(backlog);
        }
        frame.is_some()
    }
}
