//! What happens when nothing happens: keepalive, idleness, stalls.

use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{
    super::{
        clock::{OWN_STALL, after},
        config::WebSocketConfig,
        keepalive::Verdict,
        state::Shared,
    },
    Link,
};
use crate::close::{CloseCode, CloseFrame, CloseKind};

impl Link {
    /// Puts the clocks back by what the runtime was late: a frozen process must not take it out on its peers.
    pub(super) fn forgive(&mut self, now: Instant) {
        let late = self.due.take().map_or(Duration::ZERO, |due| now.saturating_duration_since(due));
        if late > OWN_STALL {
            self.last_data += late;
            self.last_write += late;
            self.closing.put_back(late);
        }
    }

    /// Acts on the clocks that have run out; the next time to look.
    pub(super) fn clocks(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
    ) -> Option<Instant> {
        let (sealed, pending_end) = shared.with(|state, deferred| {
            if state.inbound.discards() {
                // Nobody takes what came before the end any more.
                state.answer_end(deferred);
            }
            (state.seal.is_some(), state.inbound.end.is_some())
        });
        if sealed {
            self.closing.seal(now);
            return None;
        }
        if pending_end {
            // The handler has not taken what came before the end: `last_data` says since when.
            let deadline = after(self.last_data, config.close_timeout);
            if now >= deadline {
                shared.with(|state, deferred| state.answer_end(deferred));
            }
            return Some(deadline);
        }
        if self.is_paused(shared) {
            // Its silence is our doing.
            self.keepalive.heard(now);
            self.last_data = now;
            return None;
        }
        let idle = self.idle(shared, config, now);
        let alive = loop {
            match self.keepalive.check(now) {
                Verdict::Wait(until) => break until,
                Verdict::Ping => {
                    self.pings += 1;
                    self.push_control(Control::Ping, &self.pings.to_be_bytes(), now);
                }
                Verdict::Dead => {
                    time_out(shared, CloseKind::KeepaliveTimeout, "no answer to a keepalive ping");
                    break None;
                }
            }
        };
        idle.into_iter().chain(alive).min()
    }

    fn idle(&self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let deadline = after(self.last_data, config.idle_timeout?);
        if now < deadline {
            return Some(deadline);
        }
        time_out(shared, CloseKind::IdleTimeout, "no message for too long");
        None
    }

    pub(super) fn write_deadline(&self, config: &WebSocketConfig) -> Option<Instant> {
        (!self.wire.is_empty() || self.unflushed.is_some())
            .then(|| after(self.last_write, config.write_stall))
    }
}

fn time_out(shared: &Shared, kind: CloseKind, reason: &str) {
    let frame = CloseFrame { code: CloseCode::TIMEOUT, reason: reason.into() };
    shared.with(|state, deferred| state.seal(kind, Some(frame), deferred));
}
