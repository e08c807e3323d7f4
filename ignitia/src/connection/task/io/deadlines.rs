//! What happens when nothing happens: keepalive, idleness, stalls.

use std::time::Instant;

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{Link, MAX_PONGS, earliest};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::{config::WebSocketConfig, state::Shared},
    protocol::{Keepalive, Verdict},
    time::{OWN_STALL, after},
};

/// What the clocks have to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    /// Nothing is read: the handler does not take what is there.
    Full,
    /// The peer has ended its side, and the handler has not taken what came before.
    EndPending,
    /// Our close frame is queued or out.
    Sealed,
}

impl Link {
    /// Puts the clocks back by what the runtime was late: a frozen process must not take it out on its peers.
    pub(super) fn forgive(&mut self, now: Instant) {
        let Some(due) = self.due.take().filter(|due| *due < now) else { return };
        let late = now.saturating_duration_since(due);
        if late > OWN_STALL {
            self.calm_until = None;
            self.last_data += late;
            self.last_write += late;
            self.closing.put_back(late);
            self.lag.put_back(late);
        }
    }

    /// Fetches what is to be written, and finds out what the clocks have to go by, and when an end of ours is due.
    pub(super) fn look(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> (Standing, Option<Instant>) {
        shared.with(|state, deferred| {
            if state.inbound.discards() {
                // Nobody takes what came before the end any more.
                state.answer_end(deferred);
            }
            if state.expires.is_some_and(|expires| now >= expires) {
                state.expires = None;
                let frame = CloseFrame { code: config.close_codes.expired, reason: "expired".into() };
                state.conclude(CloseKind::Expired, frame, config, deferred);
            }
            if state.pending_close().is_some_and(|until| now >= until) {
                state.finish_pending_close(deferred);
            }
            self.fetch_replies(state, now);
            let standing = if state.seal.is_some() {
                Standing::Sealed
            } else if state.inbound.end.is_some() {
                Standing::EndPending
            } else if state.inbound.is_full() {
                Standing::Full
            } else {
                Standing::Open
            };
            (standing, earliest([state.expires, state.pending_close()]))
        })
    }

    /// Acts on the clocks that have run out; the next time to look.
    pub(super) fn clocks(
        &mut self,
        standing: Standing,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        let is_calm = standing == Standing::Open && self.pongs < MAX_PONGS && self.pause(now).is_none();
        if let Some(until) = self.calm_until.filter(|until| is_calm && now < *until) {
            return Some(until);
        }
        self.calm_until = None;
        if standing == Standing::Sealed {
            self.closing.seal(now);
            return None;
        }
        if standing == Standing::EndPending {
            // The handler has not taken what came before the end: `last_data` says since when.
            let is_unread = shared.lock().inbound.is_unread();
            let deadline =
                if is_unread { self.unread_until } else { after(self.last_data, config.close_timeout) };
            if now >= deadline && self.last_call.is_over(now) {
                shared.with(|state, deferred| state.answer_end(deferred));
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
        self.calm_until = next.filter(|_| !self.keepalive.awaits_answer());
        next
    }

    /// Pings, or gives the peer up, as the keepalive has it; the next time to look.
    fn keep_alive(
        &mut self,
        check: fn(&mut Keepalive, Instant) -> Verdict,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        loop {
            match check(&mut self.keepalive, now) {
                Verdict::Wait(until) => return until,
                Verdict::Ping => {
                    self.pings += 1;
                    self.tally.pinged(now);
                    self.push_control(Control::Ping, &self.pings.to_be_bytes(), now);
                }
                Verdict::Dead if !self.last_call.is_over(now) => return Some(now),
                Verdict::Dead => {
                    let code = config.close_codes.keepalive_timeout;
                    let reason = "no answer to a keepalive ping".into();
                    shared.conclude(CloseKind::KeepaliveTimeout, CloseFrame { code, reason });
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
        if now < deadline || !self.last_call.is_over(now) {
            return Some(deadline);
        }
        let reason = "no message for too long".into();
        shared.conclude(CloseKind::IdleTimeout, CloseFrame { code: config.close_codes.idle_timeout, reason });
        None
    }

    /// When to look at unread messages again: for control frames between them, or because nobody will ever take them.
    fn unread(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let deadline = self.peek.at_limit().filter(|_| shared.lock().inbound.is_unread());
        let deadline = deadline.map(|since| after(since, config.read_stall));
        if deadline.is_some_and(|deadline| now >= deadline) {
            tracing::error!(
                connection = %shared.id,
                route = shared.observer.route(),
                "a handler never receives what its peer sends: call `recv`, or `ignore_messages`"
            );
            let reason = "messages are not received here".into();
            shared.conclude(
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
