//! The transport with what stands before and behind it: bytes in → decoder → inbound, outbox → frames → bytes out.

mod deadlines;
mod lag;
mod peek;
mod read;
mod write;

use std::{io, task::Context, time::Instant};

use bytes::Bytes;

use self::{lag::Lag, peek::Peek};
use super::{rate_limit::InboundRateLimit, transport::Transport};
use crate::{
    close::CloseKind,
    connection::{
        config::WebSocketConfig,
        state::{ConnectionState, EndOfInput, HandlerProgress, SendBuffer, Shared, Written},
    },
    limits::ReassemblyLease,
    metrics::ConnectionMetrics,
    protocol::{CloseHandshake, Decoder, Keepalive},
    time::{GracePeriod, after},
};

/// Outgoing bytes beyond which a write does not wait for the rest of a burst to be handled.
const BATCH: usize = 64 << 10;

/// Reads in one turn.
const READS: usize = 4;

/// Fetches from the outbox in one turn.
const FETCHES: usize = 5;

/// Pongs that wait to be written; with more of them nothing is read until the peer takes some.
const MAX_PONGS: usize = 64;

/// An open connection's transport. Only the connection task touches it. In the order of use: what a broadcast touches
/// comes first.
#[derive(Debug)]
#[repr(C)]
pub(super) struct ConnectionIo {
    /// When the next turn is due at the latest.
    due: Option<Instant>,
    transport: Transport,
    last_write: Instant,
    close_handshake: CloseHandshake,
    grace_period: GracePeriod,
    lag: Lag,
    /// What was written since the last flush.
    unflushed: Option<Written>,
    pongs: usize,
    /// The frames that are being written.
    send_buffer: SendBuffer,
    input_over: bool,
    /// The connection is being cut off by us.
    is_cut_off: bool,
    /// Inbound took no more when it was last given something.
    recv_queue_full: bool,
    /// The handler is at a message, as far as was seen.
    is_handling: bool,
    /// Reading was paused when the clocks were last looked at.
    was_paused: bool,
    /// A look at what the handler leaves unread is under way.
    is_peeking: bool,
    peek: Peek,
    /// Until then a handler that has not received may be about to.
    first_recv_deadline: Instant,
    /// Until then neither keepalive nor idleness has to be looked at.
    next_silence_check: Option<Instant>,
    /// Bytes that were read and not decoded because inbound was full.
    undecoded: Vec<u8>,
    decoded: usize,
    last_data: Instant,
    keepalive: Keepalive,
    /// The number of the last keepalive ping, which is its payload, and of the last one that was answered.
    pings: u64,
    answered: u64,
    decoder: Decoder,
    /// Where there is a limit to what may come in.
    rate_limit: Option<Box<InboundRateLimit>>,
    pub(super) metrics: ConnectionMetrics,
}

/// What a turn came to.
#[derive(Debug)]
pub(super) enum IoProgress {
    /// The handler can go on, or reading can; call again after the handler was polled.
    Again,
    /// Nothing can be done before the transport, a queue or the clock moves.
    Rest(Option<Instant>),
    /// The connection is over.
    Over { drop_now: bool },
}

impl ConnectionIo {
    /// `early` was read before the upgrade.
    pub(super) fn new(
        transport: Transport,
        early: Bytes,
        shared: &Shared,
        share: Option<ReassemblyLease>,
        now: Instant,
    ) -> Self {
        let config = &shared.config;
        let mut metrics = shared.events.metrics();
        metrics.read(early.len());
        Self {
            due: None,
            transport,
            last_write: now,
            close_handshake: CloseHandshake::No,
            grace_period: GracePeriod::default(),
            lag: Lag::No,
            unflushed: None,
            pongs: 0,
            send_buffer: SendBuffer::default(),
            input_over: false,
            is_cut_off: false,
            recv_queue_full: false,
            is_handling: false,
            was_paused: false,
            is_peeking: false,
            peek: Peek::default(),
            first_recv_deadline: after(now, config.close_timeout),
            next_silence_check: None,
            undecoded: early.into(),
            decoded: 0,
            last_data: now,
            keepalive: Keepalive::new(config.keepalive_interval, config.pong_timeout, now),
            pings: 0,
            answered: 0,
            decoder: Decoder::new(config.message_limits(), share),
            rate_limit: InboundRateLimit::new(config, now),
            metrics,
        }
    }

    pub(super) fn into_transport(self) -> Transport {
        self.transport
    }

    /// Reads, then writes, as far as both go. With `hurry` nothing is held back for a larger write.
    pub(super) fn turn(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> IoProgress {
        self.excuse_own_stall(now);
        let handler_waits = match self.read(shared, now, cx) {
            Ok(handler_waits) => handler_waits,
            Err(error) => return self.lost(shared, &error),
        };
        if handler_waits && !hurry && self.send_buffer.len() < BATCH {
            return self.again(now);
        }
        self.grace_period.begin();
        let (read_state, ours) = self.look(shared, config, now);
        let clock = earliest([self.check_input_deadlines(read_state, shared, config, now), ours]);
        let reading_held = self.pongs >= MAX_PONGS;
        let handler_waits = match self.write(shared, now, cx) {
            Ok(senders) => senders || handler_waits,
            Err(error) => return self.lost(shared, &error),
        };
        if let Some(turn) = self.end_if_over(shared, config, now) {
            return turn;
        }
        if handler_waits || reading_held && self.pongs < MAX_PONGS {
            return self.again(now);
        }
        self.shrink();
        let lag = self.check_lag(shared, config, now);
        self.due = if self.close_handshake == CloseHandshake::No && !self.is_writing() {
            clock
        } else {
            earliest([
                clock,
                lag,
                self.write_deadline(config),
                self.close_handshake.deadline(config.close_timeout, config.write_stall),
            ])
        };
        self.due = self.grace_period.put_off(self.due);
        if let Some(pause) = self.pause(now) {
            self.due = earliest([self.due, Some(pause)]);
        }
        IoProgress::Rest(self.due)
    }

    /// The last turn before the connection is cut off: what goes at once goes.
    pub(super) fn last_turn(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
        cx: &mut Context<'_>,
    ) {
        self.is_cut_off = true;
        self.turn(shared, config, now, true, cx);
    }

    /// Writes only: nothing but frames has come up.
    pub(super) fn write_only(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> IoProgress {
        if self.pongs >= MAX_PONGS || self.due.is_some_and(|due| now >= due) {
            return self.turn(shared, config, now, hurry, cx);
        }
        self.fetch_replies(&mut shared.lock(), now);
        match self.write(shared, now, cx) {
            Ok(false) => {}
            Ok(true) => return self.again(now),
            Err(error) => return self.lost(shared, &error),
        }
        self.send_buffer.shrink();
        let lag = self.check_lag(shared, config, now);
        self.due = earliest([self.due, lag, self.write_deadline(config)]);
        IoProgress::Rest(self.due)
    }

    /// The next turn is due at once: should it be late, that is a stall of our own.
    fn again(&mut self, now: Instant) -> IoProgress {
        self.due = Some(now);
        IoProgress::Again
    }

    /// Whether the connection is over: the closing handshake is done, or one of its deadlines has passed.
    fn end_if_over(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<IoProgress> {
        if self.close_handshake == CloseHandshake::No && !self.is_writing() {
            return None;
        }
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| now >= deadline);
        let stalled = passed(self.write_deadline(config));
        let sent = self.close_handshake.is_sent();
        if !(sent && self.input_over) {
            let ran_out =
                stalled || passed(self.close_handshake.deadline(config.close_timeout, config.write_stall));
            if !ran_out || !self.grace_period.is_over(now) {
                return None;
            }
        }
        shared.with(|state, after_unlock| {
            let clean = sent && matches!(state.recv_queue.end, Some(EndOfInput::Close(_)));
            match state.queued_close.clone() {
                Some(queue) if sent || !stalled => state.end(queue.kind, queue.frame, clean, after_unlock),
                _ => state.end(CloseKind::WriteStall, None, false, after_unlock),
            }
        });
        Some(IoProgress::Over { drop_now: !sent })
    }

    fn lost(&mut self, shared: &Shared, error: &io::Error) -> IoProgress {
        tracing::debug!(connection = %shared.id, %error, "the transport failed");
        if self.is_cut_off {
            // A stream's connection is cut off at the same time: that it is gone is no doing of the peer's.
            return IoProgress::Over { drop_now: true };
        }
        shared.with(|state, after_unlock| {
            let sent = self.close_handshake.is_sent();
            match state.queued_close.clone() {
                Some(queue) if sent => state.end(queue.kind, queue.frame, false, after_unlock),
                _ => match state.recv_queue.end.clone() {
                    Some(EndOfInput::Close(frame)) => state.end(CloseKind::Peer, frame, false, after_unlock),
                    Some(EndOfInput::Violation(violation)) => {
                        state.end(CloseKind::Violation, Some(violation.close_frame()), false, after_unlock);
                    }
                    _ => state.end(CloseKind::Lost, None, false, after_unlock),
                },
            }
        });
        IoProgress::Over { drop_now: true }
    }

    /// Fetches what is to be written, and notes whether the handler is at a message: the peer is not idle while it waits
    /// for a reply.
    fn fetch_replies(&mut self, state: &mut ConnectionState, now: Instant) {
        self.fetch(state, now);
        let is_handling = matches!(state.recv_queue.handler_progress, HandlerProgress::InCall { .. });
        if self.is_handling && !is_handling {
            self.last_data = now;
            self.next_silence_check = None;
        }
        self.is_handling = is_handling;
    }

    /// Gives back what a burst took, now that there is nothing to do.
    fn shrink(&mut self) {
        self.decoder.shrink();
        self.send_buffer.shrink();
        if self.undecoded.is_empty() {
            self.undecoded = Vec::new();
        }
    }
}

fn earliest<const N: usize>(deadlines: [Option<Instant>; N]) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}
