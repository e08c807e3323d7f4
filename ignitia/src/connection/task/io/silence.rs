//! Silence of the peer: the idle timeout, and probes of a typed endpoint's peer.

use std::time::Duration;

use super::{connection_io::ConnectionIo, probing::Probing};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::{
        config::WebSocketConfig,
        state::{ConnectionState, HandlerProgress, Shared},
    },
    time::{Instant, after},
};

impl ConnectionIo {
    /// Begins to probe the peer, once the endpoint is known to be typed.
    pub(super) fn probe_typed(&mut self, state: &ConnectionState, config: &WebSocketConfig, now: Instant) {
        if self.probing.is_none()
            && state.handles_probes()
            && let Some(interval) = config.liveness_interval
        {
            self.probing = Some(Probing::new(interval, now));
            self.next_silence_check = None;
        }
    }

    /// Returns `true` if an answer to a ping or to a probe is awaited.
    pub(super) fn awaits_answer(&self) -> bool {
        self.keepalive.awaits_answer()
            || self.probing.is_some_and(|probing| probing.awaits_answer(self.last_data))
    }

    /// Returns `true` if input can only put off the next check of the peer's silence. It is not so
    /// while an answer is awaited: the next ping may be due before the answer was.
    pub(super) fn input_puts_off_silence(&self, config: &WebSocketConfig) -> bool {
        self.next_silence_check.is_some()
            || config.keepalive_interval.is_none() && config.idle_timeout.is_none() && self.probing.is_none()
    }

    /// Excuses silence while this task was late.
    pub(super) fn excuse_silence(&mut self, late: Duration) {
        self.last_data += late;
        if let Some(probing) = &mut self.probing {
            probing.since += late;
        }
    }

    /// Closes a connection that was idle for too long. Returns the next deadline.
    pub(super) fn idle(&mut self, shared: &Shared, now: Instant) -> Option<Instant> {
        let config = &*shared.config;
        let span = config.idle_timeout?;
        if self.handler_progress.is_in_call() {
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

    /// Asks the program of a silent peer for a sign of life, or closes the connection of one that
    /// has not given it. Returns the next deadline.
    pub(super) fn probe(&mut self, shared: &Shared, now: Instant) -> Option<Instant> {
        let (config, last_data) = (&*shared.config, self.last_data);
        let probing = self.probing.as_mut()?;
        if self.handler_progress != HandlerProgress::Done {
            *probing = Probing { since: now, is_asked: false, ..*probing };
        }
        if !probing.awaits_answer(last_data) {
            let due = after(last_data.max(probing.since), probing.interval);
            if now < due {
                return Some(due);
            }
            shared.with(|state, after_unlock| state.ask_for_life(after_unlock));
            *probing = Probing { since: now, is_asked: true, ..*probing };
        }
        let deadline = after(probing.since, config.liveness_timeout);
        if now < deadline || !self.grace_period.is_over(now) {
            return Some(deadline);
        }
        let reason = "no answer to `$ping`".into();
        shared.close_after_handler(
            CloseKind::KeepaliveTimeout,
            CloseFrame { code: config.close_codes.keepalive_timeout, reason },
        );
        None
    }
}
