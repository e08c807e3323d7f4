//! What happens when nothing happens: keepalive, idleness, stalls.

use std::time::Instant;

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{ConnectionIo, MAX_PONGS, earliest};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::{config::WebSocketConfig, state::Shared},
    protocol::{Keepalive, KeepaliveAction},
    time::{after, own_stall},
};

/// What the clocks have to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadState {
    Open,
    /// Nothing is read: the handler does not take what is there.
    OverflowAction,
    /// The peer has ended its side, and the handler has not taken what came before.
    EndPending,
    /// Our close frame is queued or out.
    Queued,
}

impl ConnectionIo {
    /// Puts the clocks back by what the runtime was late: a frozen process must not take it out on its peers.
    pub(super) fn excuse_own_stall(&mut self, now: Instant) {
        if let Some(late) = self.due.take().and_then(|due| own_stall(due, now)) {
            self.next_silence_check = None;
            self.last_data += late;
            self.last_write += late;
            self.close_handshake.put_back(late);
            self.lag.put_back(late);
        }
    }

    /// Fetches what is to be written, and finds out what the clocks have to go by, and when an end of ours is due.
    pub(super) fn look(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> (ReadState, Option<Instant>) {
        shared.with(|state, after_unlock| {
            if state.recv_queue.discards() {
                // Nobody takes what came before the end any more.
                state.close_for_end_of_input(after_unlock);
            }
            if state.expires.is_some_and(|expires| now >= expires) {
                state.expires = None;
                let frame = CloseFrame { code: config.close_codes.expired, reason: "expired".into() };
                state.close_after_handler(CloseKind::Expired, frame, config, after_unlock);
            }
            if state.pending_close().is_some_and(|until| now >= until) {
                state.finish_pending_close(after_unlock);
            }
            self.fetch_replies(state, now);
            let read_state = if state.queued_close.is_some() {
                ReadState::Queued
            } else if state.recv_queue.end.is_some() {
                ReadState::EndPending
            } else if state.recv_queue.is_full() {
                ReadState::OverflowAction
            } else {
                ReadState::Open
            };
            (read_state, earliest([state.expires, state.pending_close()]))
        })
    }

    /// Acts on the clocks that have run out; the next time to look.
    pub(super) fn check_input_deadlines(
        &mut self,
        read_state: ReadState,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        let is_calm = read_state == ReadState::Open && self.pongs < MAX_PONGS && self.pause(now).is_none();
        if let Some(until) = self.next_silence_check.filter(|until| is_calm && now < *until) {
            return Some(until);
        }
        self.next_silence_check = None;
        if read_state == ReadState::Queued {
            self.close_handshake.queue(now);
            return None;
        }
        if read_state == ReadState::EndPending {
            // The handler has not taken what came before the end: `last_data` says since when.
            let is_unread = shared.lock().recv_queue.is_unread();
            let deadline = if is_unread {
                self.first_recv_deadline
            } else {
                after(self.last_data, config.close_timeout)
            };
            if now >= deadline && self.grace_period.is_over(now) {
                shared.with(|state, after_unlock| state.close_for_end_of_input(after_unlock));
            }
            return Some(deadline);
        }
        if !is_calm {
            // Its silence is our doing.
            self.was_paused = true;
            let unread = self.unread(shared, config, now);
            if !self.is_writing() {
                let alive = self.keep_alive(Keepalive::check_unheard, shared, config, now);
                return earliest([alive, unread]);
            }
            self.keepalive.heard(now);
            return unread;
        }
        if std::mem::take(&mut self.was_paused) {
            self.last_data = now;
        }
        let idle = self.idle(shared, config, now);
        let alive = self.keep_alive(Keepalive::check, shared, config, now);
        let next = earliest([idle, alive]);
        // What is heard puts the next look off, except while an answer is awaited.
        self.next_silence_check = next.filter(|_| !self.keepalive.awaits_answer());
        next
    }

    /// Pings, or gives the peer up, as the keepalive has it; the next time to look.
    fn keep_alive(
        &mut self,
        check: fn(&mut Keepalive, Instant) -> KeepaliveAction,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        loop {
            match check(&mut self.keepalive, now) {
                KeepaliveAction::Wait(until) => return until,
                KeepaliveAction::Ping => {
                    self.pings += 1;
                    self.metrics.pinged(now);
                    self.push_control(Control::Ping, &self.pings.to_be_bytes(), now);
                }
                KeepaliveAction::Dead if !self.grace_period.is_over(now) => return Some(now),
                KeepaliveAction::Dead => {
                    let code = config.close_codes.keepalive_timeout;
                    let reason = "no answer to a keepalive ping".into();
                    shared.close_after_handler(CloseKind::KeepaliveTimeout, CloseFrame { code, reason });
                    return None;
                }
            }
        }
    }

    fn idle(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let span = config.idle_timeout?;
        if self.is_handling {
            self.last_data = now;
        }
        let deadline = after(self.last_data, span);
        if now < deadline || !self.grace_period.is_over(now) {
            return Some(deadline);
        }
        let reason = "no message for too long".into();
        shared.close_after_handler(
            CloseKind::IdleTimeout,
            CloseFrame { code: config.close_codes.idle_timeout, reason },
        );
        None
    }

    /// When to look at unread messages again: for control frames between them, or because nobody will ever take them.
    fn unread(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let deadline = self.peek.at_limit().filter(|_| shared.lock().recv_queue.is_unread());
        let deadline = deadline.map(|since| after(since, config.read_stall));
        if deadline.is_some_and(|deadline| now >= deadline) {
            tracing::error!(
                connection = %shared.id,
                route = shared.events.route(),
                "a handler never receives what its peer sends: call `recv`, or `ignore_messages`"
            );
            let reason = "messages are not received here".into();
            shared.close_after_handler(
                CloseKind::NotReceiving,
                CloseFrame { code: config.close_codes.not_receiving, reason },
            );
            return None;
        }
        earliest([self.peek.next(), deadline])
    }

    pub(super) fn write_deadline(&self, config: &WebSocketConfig) -> Option<Instant> {
        self.is_writing().then(|| after(self.last_write, config.write_stall))
    }
}
