//! Deadlines of an open connection: keepalive, silence, read and write stalls, slow rooms.

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{
    connection_io::{ConnectionIo, MAX_PONGS},
    lag::Lag,
};
use crate::{
    close::{CloseFrame, CloseKind},
    connection::{config::WebSocketConfig, state::Shared},
    protocol::{Keepalive, KeepaliveAction, KeepaliveTimes},
    time::{Instant, after, own_stall},
};

/// State of the receiving side, which decides what deadlines apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadState {
    Open,
    /// Nothing is read: the handler does not take the messages that are there (backpressure).
    RecvQueueFull,
    /// The peer has ended its side, and the handler has not taken everything that came before.
    EndPending,
    /// Our close frame is queued or sent.
    Queued,
}

impl ConnectionIo {
    /// Excuses a stall of our own: if this poll is late, all deadlines move by as much. A process
    /// that was frozen must not take it out on its peers.
    pub(super) fn excuse_own_stall(&mut self, now: Instant) {
        if let Some(late) = self.due.and_then(|due| own_stall(due, now)) {
            // Excused once. All deadlines are to be checked again.
            self.due = Some(now);
            self.next_silence_check = None;
            self.excuse_silence(late);
            self.last_write += late;
            self.close_handshake.put_back(late);
            self.lag.put_back(late);
        }
    }

    /// Fetches queued frames, classifies the receiving side, and ends a connection whose
    /// credentials have expired. Also returns the next deadline of an end of ours.
    pub(super) fn fetch_and_classify(
        &mut self,
        shared: &Shared,
        now: Instant,
    ) -> (ReadState, Option<Instant>) {
        let config = &*shared.config;
        shared.with(|state, after_unlock| {
            if let Some(at) = state.last_direct_write.take() {
                self.keepalive.sent(at);
            }
            self.probe_typed(state, config, now);
            if state.recv_queue.discards() {
                // The handler will take nothing more: messages before the end cannot delay its
                // answer.
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
            let read_state = if state.queued_close().is_some() {
                ReadState::Queued
            } else if state.recv_queue.end.is_some() {
                ReadState::EndPending
            } else if state.recv_queue.is_full() {
                ReadState::RecvQueueFull
            } else {
                ReadState::Open
            };
            (read_state, earliest([state.expires, state.pending_close()]))
        })
    }

    /// Acts on expired deadlines of the receiving side. Returns the next one.
    pub(super) fn check_input_deadlines(
        &mut self,
        read_state: ReadState,
        shared: &Shared,
        now: Instant,
    ) -> Option<Instant> {
        let config = &*shared.config;
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
            // `last_data` is the time of the end: the handler has had `close_timeout` since then to
            // take what came before it.
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
            // The peer is silent because we do not read.
            self.was_paused = true;
            let unread = self.unread(shared, now);
            if !self.is_writing() {
                let alive = self.keep_alive(Keepalive::check_unheard, shared, now);
                return earliest([alive, unread]);
            }
            self.keepalive.heard(now);
            return unread;
        }
        if std::mem::take(&mut self.was_paused) {
            self.last_data = now;
        }
        let idle = self.idle(shared, now);
        let probe = self.probe(shared, now);
        let alive = self.keep_alive(Keepalive::check, shared, now);
        let next = earliest([idle, probe, alive]);
        // Incoming data moves the next check back, except while an answer is awaited.
        self.next_silence_check = next.filter(|_| !self.awaits_answer());
        next
    }

    /// Pings the peer, or closes a half-open connection, as the keepalive decides. Returns the next
    /// deadline.
    fn keep_alive(
        &mut self,
        check: fn(&mut Keepalive, KeepaliveTimes, Instant) -> KeepaliveAction,
        shared: &Shared,
        now: Instant,
    ) -> Option<Instant> {
        let config = &*shared.config;
        loop {
            match check(&mut self.keepalive, config.keepalive_times(), now) {
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

    /// Returns the next time to peek at unread input, for the control frames in it. Closes the
    /// connection of a handler that never receives.
    fn unread(&mut self, shared: &Shared, now: Instant) -> Option<Instant> {
        let config = &*shared.config;
        let deadline = self.peek.at_limit().filter(|_| shared.lock().recv_queue.is_unread());
        let deadline = deadline.map(|since| after(since, config.read_stall));
        if deadline.is_some_and(|deadline| now >= deadline) {
            tracing::error!(
                connection = %shared.id,
                route = shared.recorder.route(),
                "a handler never receives the messages of its peer: call `recv`, or `ignore_messages`"
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

    /// Measures how long broadcasts have waited, after everything was written that the transport
    /// took. Returns the next deadline.
    ///
    /// A burst that is being written does not count against the peer, nor does time in which this
    /// task was not polled.
    #[inline]
    pub(super) fn check_lag(&mut self, shared: &Shared, now: Instant) -> Option<Instant> {
        if self.lag == Lag::No && !self.is_writing() { None } else { self.measure_lag(shared, now) }
    }

    fn measure_lag(&mut self, shared: &Shared, now: Instant) -> Option<Instant> {
        let config = &*shared.config;
        shared.with(|state, after_unlock| {
            if !self.is_writing() || state.backlogs.is_empty() {
                self.lag = Lag::No;
                state.is_slow = false;
                return None;
            }
            let since = match self.lag {
                Lag::No => now,
                Lag::Since(since) => since,
                Lag::Slow => return None,
            };
            let deadline = after(since, config.lag_after);
            if now >= deadline && self.grace_period.is_over(now) {
                self.lag = Lag::Slow;
                state.fall_behind(config, after_unlock);
                return None;
            }
            self.lag = Lag::Since(since);
            Some(deadline)
        })
    }
}

pub(super) fn earliest<const N: usize>(deadlines: [Option<Instant>; N]) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}
