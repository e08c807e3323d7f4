use std::time::Instant;

use bytes::Bytes;

use super::{lag::Lag, peek::Peek};
use crate::{
    connection::{
        state::{SendBuffer, Shared, Written},
        task::{rate_limit::InboundRateLimit, transport::Transport},
    },
    limits::ReassemblyLease,
    metrics::ConnectionMetrics,
    protocol::{CloseHandshake, Decoder, Keepalive},
    time::{GracePeriod, after},
};

/// Pongs that wait to be written; with more of them nothing is read until the peer takes some.
pub(super) const MAX_PONGS: usize = 64;

/// An open connection's transport. Only the connection task touches it. In the order of use: what a broadcast touches
/// comes first.
#[derive(Debug)]
#[repr(C)]
pub(in crate::connection::task) struct ConnectionIo {
    /// When the next turn is due at the latest.
    pub(super) due: Option<Instant>,
    pub(super) transport: Transport,
    pub(super) last_write: Instant,
    pub(super) close_handshake: CloseHandshake,
    pub(super) grace_period: GracePeriod,
    pub(super) lag: Lag,
    /// What was written since the last flush.
    pub(super) unflushed: Option<Written>,
    pub(super) pongs: usize,
    /// The frames that are being written.
    pub(super) send_buffer: SendBuffer,
    pub(super) input_over: bool,
    /// The connection is being cut off by us.
    pub(super) is_cut_off: bool,
    /// Inbound took no more when it was last given something.
    pub(super) recv_queue_full: bool,
    /// The handler is at a message, as far as was seen.
    pub(super) is_handling: bool,
    /// Reading was paused when the clocks were last looked at.
    pub(super) was_paused: bool,
    /// A look at what the handler leaves unread is under way.
    pub(super) is_peeking: bool,
    pub(super) peek: Peek,
    /// Until then a handler that has not received may be about to.
    pub(super) first_recv_deadline: Instant,
    /// Until then neither keepalive nor idleness has to be looked at.
    pub(super) next_silence_check: Option<Instant>,
    /// Bytes that were read and not decoded because inbound was full.
    pub(super) undecoded: Vec<u8>,
    pub(super) decoded: usize,
    pub(super) last_data: Instant,
    pub(super) keepalive: Keepalive,
    /// The number of the last keepalive ping, which is its payload, and of the last one that was answered.
    pub(super) pings: u64,
    pub(super) answered: u64,
    pub(super) decoder: Decoder,
    /// Where there is a limit to what may come in.
    pub(super) rate_limit: Option<Box<InboundRateLimit>>,
    pub(in crate::connection::task) metrics: ConnectionMetrics,
}

impl ConnectionIo {
    /// `early` was read before the upgrade.
    pub(in crate::connection::task) fn new(
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

    pub(in crate::connection::task) fn into_transport(self) -> Transport {
        self.transport
    }

    /// Gives back what a burst took, now that there is nothing to do.
    pub(super) fn shrink(&mut self) {
        self.decoder.shrink();
        self.send_buffer.shrink();
        if self.undecoded.is_empty() {
            self.undecoded = Vec::new();
        }
    }
}
