//! What happens when nothing happens: keepalive, idleness, stalls.

use std::time::Instant;

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{
    super::{
        clock::{OWN_STALL, after},
        config::WebSocketConfig,
        keepalive::{Keepalive, Verdict},
        state::Shared,
    },
    Link, MAX_PONGS,
};
use crate::close::{CloseCode, CloseFrame, CloseKind};

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

    /// Fetches what is to be written, and finds out what the clocks have to go by.
    pub(super) fn look(&mut self, shared: &Shared, now: Instant) -> Standing {
        shared.with(|state, deferred| {
            if state.inbound.discards() {
                // Nobody takes what came before the end any more.
                state.answer_end(deferred);
            }
            self.fetch(state, now);
            if state.seal.is_some() {
                Standing::Sealed
            } else if state.inbound.end.is_some() {
                Standing::EndPending
            } else if state.inbound.is_full() {
                Standing::Full
            } else {
                Standing::Open
            }
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
            let deadline = after(self.last_data, config.close_timeout);
            if now >= deadline && self.last_call.is_over(now) {
                shared.with(|state, deferred| state.answer_end(deferred));
            }
            return Some(deadline);
        }
        if !is_calm {
            // Its silence is our doing.
            self.last_data = now;
            if !self.is_writing() {
                return self.keep_alive(Keepalive::check_unheard, shared, now);
            }
            self.keepalive.heard(now);
            return None;
        }
        let idle = self.idle(shared, config, now);
        let alive = self.keep_alive(Keepalive::check, shared, now);
        let next = idle.into_iter().chain(alive).min();
        // What is heard puts the next look off, except while an answer is awaited.
        self.calm_until = next.filter(|_| !self.keepalive.awaits_answer());
        next
    }

    /// Pings, or gives the peer up, as the keepalive has it; the next time to look.
    fn keep_alive(
        &mut self,
        check: fn(&mut Keepalive, Instant) -> Verdict,
        shared: &Shared,
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
                    time_out(shared, CloseKind::KeepaliveTimeout, "no answer to a keepalive ping");
                    return None;
                }
            }
        }
    }

    fn idle(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let deadline = after(self.last_data, config.idle_timeout?);
        if now < deadline || !self.last_call.is_over(now) {
            return Some(deadline);
        }
        time_out(shared, CloseKind::IdleTimeout, "no message for too long");
        None
    }

    pub(super) fn write_deadline(&self, config: &WebSocketConfig) -> Option<Instant> {
        self.is_writing().then(|| after(self.last_write, config.write_stall))
    }
}

fn time_out(shared: &Shared, kind: CloseKind, reason: &str) {
    let frame = CloseFrame { code: CloseCode::TIMEOUT, reason: reason.into() };
    shared.with(|state, deferred| state.seal(kind, Some(frame), deferred));
}
