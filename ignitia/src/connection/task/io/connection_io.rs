use bytes::Bytes;

use super::{lag::Lag, peek::Peek, probing::Probing};
use crate::{
    compression::Compressor,
    connection::{
        state::{HandlerProgress, SendBuffer, Shared, Written},
        task::{rate_limit::InboundRateLimit, transport::Transport},
    },
    limits::ReassemblyLease,
    metrics::ConnectionMetrics,
    protocol::{BatchLimit, CloseHandshake, Decoder, Keepalive},
    time::{GracePeriod, Instant, after},
};

/// Pongs that wait to be written. At this number nothing more is read until the peer takes some:
/// pings must not grow our memory.
pub(super) const MAX_PONGS: usize = 64;

/// Transport of an open connection, with the state of both directions. Only the connection task
/// touches it.
///
/// The fields are in the order of use: first those that a broadcast touches.
#[derive(Debug)]
#[repr(C)]
pub(in crate::connection::task) struct ConnectionIo {
    /// Time at which the deadlines are to be checked next.
    pub(super) due: Option<Instant>,
    pub(super) transport: Transport,
    pub(super) last_write: Instant,
    pub(super) close_handshake: CloseHandshake,
    pub(super) grace_period: GracePeriod,
    pub(super) lag: Lag,
    /// Totals written since the last flush.
    pub(super) unflushed: Option<Written>,
    pub(super) pongs: usize,
    /// Frames that are being written.
    pub(super) send_buffer: SendBuffer,
    /// True if they have just been fetched: their messages are not compressed yet.
    pub(super) is_fetched: bool,
    /// Compressor of messages, if compression was agreed on.
    pub(super) compressor: Option<Compressor>,
    pub(super) input_over: bool,
    /// True if the input has ended with the last byte that had arrived.
    pub(super) input_drained: bool,
    /// True while an abort cuts the connection off.
    pub(super) is_cut_off: bool,
    /// True if the receive queue took no more when it was last given a message.
    pub(super) recv_queue_full: bool,
    /// Room in the receive queue when it was last given a message. There may be more by now.
    pub(super) batch_limit: BatchLimit,
    /// Progress of the handler, as of the last look under the lock.
    pub(super) handler_progress: HandlerProgress,
    /// True if reading was paused when the deadlines were last checked.
    pub(super) was_paused: bool,
    /// True while unread input is being peeked at: see [`Peek`].
    pub(super) is_peeking: bool,
    pub(super) peek: Peek,
    /// Time until which a handler that has not received yet may still be about to.
    pub(super) first_recv_deadline: Instant,
    /// Time before which no deadline of the peer's silence can be due.
    pub(super) next_silence_check: Option<Instant>,
    /// Bytes that were read but not decoded, because the receive queue was full.
    pub(super) undecoded: Vec<u8>,
    pub(super) decoded: usize,
    pub(super) last_data: Instant,
    /// Probes of the peer's program, if the endpoint is typed.
    pub(super) probing: Option<Probing>,
    pub(super) keepalive: Keepalive,
    /// Number of the last keepalive ping, which is its payload, and of the last one that was
    /// answered.
    pub(super) pings: u64,
    pub(super) answered: u64,
    pub(super) decoder: Decoder,
    /// Rate limit of incoming messages, if the route sets one.
    pub(super) rate_limit: Option<Box<InboundRateLimit>>,
    pub(in crate::connection::task) metrics: ConnectionMetrics,
}

impl ConnectionIo {
    /// `early` holds the bytes that were read before the upgrade.
    pub(in crate::connection::task) fn new(
        transport: Transport,
        early: Bytes,
        shared: &Shared,
        lease: Option<ReassemblyLease>,
        now: Instant,
    ) -> Self {
        let config = &shared.config;
        let mut metrics = shared.recorder.metrics();
        metrics.read(early.len());
        Self {
            due: Some(now),
            transport,
            last_write: now,
            close_handshake: CloseHandshake::No,
            grace_period: GracePeriod::default(),
            lag: Lag::No,
            unflushed: None,
            pongs: 0,
            send_buffer: SendBuffer::default(),
            is_fetched: false,
            compressor: shared.compression.as_ref().map(Compressor::new),
            input_over: false,
            input_drained: false,
            is_cut_off: false,
            recv_queue_full: false,
            batch_limit: shared.lock().recv_queue.batch_limit(),
            handler_progress: HandlerProgress::Done,
            was_paused: false,
            is_peeking: false,
            peek: Peek::default(),
            first_recv_deadline: after(now, config.close_timeout),
            next_silence_check: None,
            undecoded: early.into(),
            decoded: 0,
            last_data: now,
            probing: None,
            keepalive: Keepalive::new(now),
            pings: 0,
            answered: 0,
            decoder: Decoder::new(config.message_limits(), shared.compression.as_ref(), lease),
            rate_limit: InboundRateLimit::new(config, now),
            metrics,
        }
    }

    pub(in crate::connection::task) fn into_transport(self) -> Transport {
        self.transport
    }

    /// Releases the memory that a burst took, now that the connection is idle.
    pub(super) fn shrink(&mut self) {
        self.decoder.shrink();
        self.send_buffer.shrink();
        if self.undecoded.is_empty() {
            self.undecoded = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(
            ConnectionIo:
            due, transport, last_write, close_handshake, grace_period, lag, unflushed, pongs, send_buffer,
            is_fetched, compressor, input_over, input_drained, is_cut_off, recv_queue_full, batch_limit,
            handler_progress, was_paused, is_peeking, peek, first_recv_deadline, next_silence_check,
            undecoded, decoded, last_data, probing, keepalive, pings, answered, decoder, rate_limit, metrics
        );
    }
}
