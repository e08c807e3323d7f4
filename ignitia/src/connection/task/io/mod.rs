//! The transport with what stands before and behind it: bytes in → decoder → inbound, outbox → frames → bytes out.

mod deadlines;
mod lag;
mod peek;
mod read;
mod write;

use std::{io, task::Context, time::Instant};

use bytes::Bytes;

use self::{lag::Lag, peek::Peek};
use super::{rate_limit::Meter, transport::Transport};
use crate::{
    close::CloseKind,
    connection::{
        config::WebSocketConfig,
        state::{EndOfInput, FrameBuffer, Handling, Shared, State, Written},
    },
    limits::Share,
    metrics::Tally,
    protocol::{Closing, Decoder, Keepalive},
    time::{LastCall, after},
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
pub(super) struct Link {
    /// When the next turn is due at the latest.
    due: Option<Instant>,
    transport: Transport,
    last_write: Instant,
    closing: Closing,
    last_call: LastCall,
    lag: Lag,
    /// What was written since the last flush.
    unflushed: Option<Written>,
    pongs: usize,
    /// The frames that are being written.
    wire: FrameBuffer,
    input_over: bool,
    /// The connection is being cut off by us.
    is_cut_off: bool,
    /// Inbound took no more when it was last given something.
    inbound_full: bool,
    /// The handler is at a message, as far as was seen.
    is_handling: bool,
    /// Reading was paused when the clocks were last looked at.
    was_paused: bool,
    /// A look at what the handler leaves unread is under way.
    is_peeking: bool,
    peek: Peek,
    /// Until then a handler that has not received may be about to.
    unread_until: Instant,
    /// Until then neither keepalive nor idleness has to be looked at.
    calm_until: Option<Instant>,
    /// Bytes that were read and not decoded because inbound was full.
    carry: Vec<u8>,
    decoded: usize,
    last_data: Instant,
    keepalive: Keepalive,
    /// The number of the last keepalive ping, which is its payload, and of the last one that was answered.
    pings: u64,
    answered: u64,
    decoder: Decoder,
    /// Where there is a limit to what may come in.
    meter: Option<Box<Meter>>,
    pub(super) tally: Tally,
}

/// What a turn came to.
#[derive(Debug)]
pub(super) enum Turn {
    /// The handler can go on, or reading can; call again after the handler was polled.
    Again,
    /// Nothing can be done before the transport, a queue or the clock moves.
    Rest(Option<Instant>),
    /// The connection is over.
    Over { drop_now: bool },
}

impl Link {
    /// `early` was read before the upgrade.
    pub(super) fn new(
        transport: Transport,
        early: Bytes,
        shared: &Shared,
        share: Option<Share>,
        now: Instant,
    ) -> Self {
        let config = &shared.config;
        let mut tally = shared.observer.tally();
        tally.read(early.len());
        Self {
            due: None,
            transport,
            last_write: now,
            closing: Closing::No,
            last_call: LastCall::default(),
            lag: Lag::No,
            unflushed: None,
            pongs: 0,
            wire: FrameBuffer::default(),
            input_over: false,
            is_cut_off: false,
            inbound_full: false,
            is_handling: false,
            was_paused: false,
            is_peeking: false,
            peek: Peek::default(),
            unread_until: after(now, config.close_timeout),
            calm_until: None,
            carry: early.into(),
            decoded: 0,
            last_data: now,
            keepalive: Keepalive::new(config.keepalive_interval, config.pong_timeout, now),
            pings: 0,
            answered: 0,
            decoder: Decoder::new(config.message_limits(), share),
            meter: Meter::new(config, now),
            tally,
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
    ) -> Turn {
        self.forgive(now);
        let handler_waits = match self.read(shared, now, cx) {
            Ok(handler_waits) => handler_waits,
            Err(error) => return self.lost(shared, &error),
        };
        if handler_waits && !hurry && self.wire.len() < BATCH {
            return self.again(now);
        }
        self.last_call.begin();
        let (standing, ours) = self.look(shared, config, now);
        let clock = earliest([self.clocks(standing, shared, config, now), ours]);
        let reading_held = self.pongs >= MAX_PONGS;
        let handler_waits = match self.write(shared, now, cx) {
            Ok(senders) => senders || handler_waits,
            Err(error) => return self.lost(shared, &error),
        };
        if let Some(turn) = self.finished(shared, config, now) {
            return turn;
        }
        if handler_waits || reading_held && self.pongs < MAX_PONGS {
            return self.again(now);
        }
        self.shrink();
        let lag = self.mind_lag(shared, config, now);
        self.due = if self.closing == Closing::No && !self.is_writing() {
            clock
        } else {
            earliest([
                clock,
                lag,
                self.write_deadline(config),
                self.closing.deadline(config.close_timeout, config.write_stall),
            ])
        };
        self.due = self.last_call.put_off(self.due);
        if let Some(pause) = self.pause(now) {
            self.due = earliest([self.due, Some(pause)]);
        }
        Turn::Rest(self.due)
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
    pub(super) fn push(
        &mut self,
        shared: &Shared,
        config: &WebSocketConfig,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> Turn {
        if self.pongs >= MAX_PONGS || self.due.is_some_and(|due| now >= due) {
            return self.turn(shared, config, now, hurry, cx);
        }
        self.fetch_replies(&mut shared.lock(), now);
        match self.write(shared, now, cx) {
            Ok(false) => {}
            Ok(true) => return self.again(now),
            Err(error) => return self.lost(shared, &error),
        }
        self.wire.shrink();
        let lag = self.mind_lag(shared, config, now);
        self.due = earliest([self.due, lag, self.write_deadline(config)]);
        Turn::Rest(self.due)
    }

    /// The next turn is due at once: should it be late, that is a stall of our own.
    fn again(&mut self, now: Instant) -> Turn {
        self.due = Some(now);
        Turn::Again
    }

    /// Whether the connection is over: the closing handshake is done, or one of its deadlines has passed.
    fn finished(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Turn> {
        if self.closing == Closing::No && !self.is_writing() {
            return None;
        }
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| now >= deadline);
        let stalled = passed(self.write_deadline(config));
        let sent = self.closing.is_sent();
        if !(sent && self.input_over) {
            let ran_out = stalled || passed(self.closing.deadline(config.close_timeout, config.write_stall));
            if !ran_out || !self.last_call.is_over(now) {
                return None;
            }
        }
        shared.with(|state, deferred| {
            let clean = sent && matches!(state.inbound.end, Some(EndOfInput::Close(_)));
            match state.seal.clone() {
                Some(seal) if sent || !stalled => state.end(seal.kind, seal.frame, clean, deferred),
                _ => state.end(CloseKind::WriteStall, None, false, deferred),
            }
        });
        Some(Turn::Over { drop_now: !sent })
    }

    fn lost(&mut self, shared: &Shared, error: &io::Error) -> Turn {
        tracing::debug!(connection = %shared.id, %error, "the transport failed");
        if self.is_cut_off {
            // A stream's connection is cut off at the same time: that it is gone is no doing of the peer's.
            return Turn::Over { drop_now: true };
        }
        shared.with(|state, deferred| {
            let sent = self.closing.is_sent();
            match state.seal.clone() {
                Some(seal) if sent => state.end(seal.kind, seal.frame, false, deferred),
                _ => match state.inbound.end.clone() {
                    Some(EndOfInput::Close(frame)) => state.end(CloseKind::Peer, frame, false, deferred),
                    Some(EndOfInput::Violation(violation)) => {
                        state.end(CloseKind::Violation, Some(violation.close_frame()), false, deferred);
                    }
                    _ => state.end(CloseKind::Lost, None, false, deferred),
                },
            }
        });
        Turn::Over { drop_now: true }
    }

    /// Fetches what is to be written, and notes whether the handler is at a message: the peer is not idle while it waits
    /// for a reply.
    fn fetch_replies(&mut self, state: &mut State, now: Instant) {
        self.fetch(state, now);
        let is_handling = matches!(state.inbound.handling, Handling::InCall { .. });
        if self.is_handling && !is_handling {
            self.last_data = now;
            self.calm_until = None;
        }
        self.is_handling = is_handling;
    }

    /// Gives back what a burst took, now that there is nothing to do.
    fn shrink(&mut self) {
        self.decoder.shrink();
        self.wire.shrink();
        if self.carry.is_empty() {
            self.carry = Vec::new();
        }
    }
}

fn earliest<const N: usize>(deadlines: [Option<Instant>; N]) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}
