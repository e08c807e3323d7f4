//! The transport with what stands before and behind it: bytes in → decoder → inbound, outbox → frames → bytes out.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{
    clock::after,
    config::WebSocketConfig,
    decoder::{Decoder, Violation},
    frames::{FrameBuffer, SLICES, Written},
    inbound::{EndOfInput, Received},
    keepalive::{Keepalive, Verdict},
    state::Shared,
};
use crate::close::{CloseCode, CloseFrame, CloseKind};

pub(super) type Transport = TokioIo<Upgraded>;

/// What one read may bring. Every thread has one such buffer, so that an idle connection needs none.
const SCRATCH: usize = 64 << 10;

/// Outgoing bytes beyond which a write does not wait for the rest of a burst to be handled.
const BATCH: usize = 64 << 10;

/// Reads, and fetches from the outbox, in one turn.
const READS: usize = 4;

/// A closing connection whose peer takes bytes, but hardly any, has this many times `write_stall` in all.
const CLOSING_STALLS: u32 = 10;

/// How late a turn may be before the delay counts as a stall of our own, for which no peer is to blame.
const OWN_STALL: Duration = Duration::from_secs(1);

/// Pongs that wait to be written; with more of them nothing is read until the peer takes some.
const MAX_PONGS: usize = 64;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// An open connection's transport. Only the connection task touches it.
#[derive(Debug)]
pub(super) struct Link {
    transport: Transport,
    decoder: Decoder,
    /// Bytes that were read and not decoded because inbound was full.
    carry: Vec<u8>,
    decoded: usize,
    /// The frames that are being written.
    wire: FrameBuffer,
    pongs: usize,
    /// What was written since the last flush.
    unflushed: Option<Written>,
    input_over: bool,
    close: CloseProgress,
    keepalive: Keepalive,
    /// The number of the last keepalive ping, which is its payload, and of the last one that was answered.
    pings: u64,
    answered: u64,
    last_data: Instant,
    last_write: Instant,
    /// When the next turn is due at the latest.
    due: Option<Instant>,
}

/// How far our close frame has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CloseProgress {
    Open,
    /// It is queued since then.
    Sealed(Instant),
    /// It is among the frames that are being written, queued since then.
    Fetched(Instant),
    /// The kernel has it since then.
    Sent(Instant),
}

impl CloseProgress {
    fn put_back(&mut self, late: Duration) {
        if let Self::Sealed(since) | Self::Fetched(since) | Self::Sent(since) = self {
            *since += late;
        }
    }
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
    pub(super) fn new(transport: Transport, config: &WebSocketConfig, now: Instant) -> Self {
        Self {
            transport,
            decoder: Decoder::new(config),
            carry: Vec::new(),
            decoded: 0,
            wire: FrameBuffer::default(),
            pongs: 0,
            unflushed: None,
            input_over: false,
            close: CloseProgress::Open,
            keepalive: Keepalive::new(config.keepalive_interval, config.pong_timeout, now),
            pings: 0,
            answered: 0,
            last_data: now,
            last_write: now,
            due: None,
        }
    }

    pub(super) fn into_transport(self) -> Transport {
        self.transport
    }

    /// Reads, then writes, as far as both go. With `hurry` nothing is held back for a larger write.
    pub(super) fn turn(
        &mut self,
        shared: &Arc<Shared>,
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
            return Turn::Again;
        }
        let clock = self.clocks(shared, config, now);
        let reading_held = self.pongs >= MAX_PONGS;
        let handler_waits = match self.write(shared, now, cx) {
            Ok(senders) => senders || handler_waits,
            Err(error) => return self.lost(shared, &error),
        };
        if let Some(turn) = self.finished(shared, config, now) {
            return turn;
        }
        if handler_waits || reading_held && self.pongs < MAX_PONGS {
            return Turn::Again;
        }
        self.shrink(shared);
        let deadlines = [clock, self.write_deadline(config), self.close_deadline(config)];
        self.due = deadlines.into_iter().flatten().min();
        Turn::Rest(self.due)
    }

    /// Puts the clocks back by what the runtime was late: a frozen process must not take it out on its peers.
    fn forgive(&mut self, now: Instant) {
        let late = self.due.take().map_or(Duration::ZERO, |due| now.saturating_duration_since(due));
        if late > OWN_STALL {
            self.last_data += late;
            self.last_write += late;
            self.close.put_back(late);
        }
    }

    /// Decodes what there is and reads more, until the transport is dry or inbound is full; `true` once something
    /// came in that the handler waits for.
    fn read(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<bool> {
        for _ in 0..READS {
            if self.input_over {
                return Ok(false);
            }
            if self.decoded < self.carry.len() {
                let carry = std::mem::take(&mut self.carry);
                let mut rest = &carry[self.decoded..];
                let handler_waits = self.deliver(&mut rest, shared, now);
                self.decoded = carry.len() - rest.len();
                if !rest.is_empty() {
                    // What comes next must wait behind it.
                    self.carry = carry;
                    return Ok(handler_waits);
                }
                self.decoded = 0;
                if handler_waits {
                    return Ok(true);
                }
            }
            if self.input_over || self.is_paused(shared) {
                return Ok(false);
            }
            let mut buffer = BUFFER.take();
            buffer.resize(SCRATCH, 0);
            let mut read = ReadBuf::new(&mut buffer);
            let polled = Pin::new(&mut self.transport).poll_read(cx, &mut read);
            let n = read.filled().len();
            let mut handler_waits = false;
            if n > 0 {
                self.keepalive.heard(now);
                let mut rest = &buffer[..n];
                handler_waits = self.deliver(&mut rest, shared, now);
                self.carry.extend_from_slice(rest);
            }
            BUFFER.set(buffer);
            match polled {
                Poll::Pending => return Ok(false),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Ready(Ok(())) if n == 0 => {
                    self.end_input(shared, EndOfInput::Eof, now);
                    return Ok(shared.with(|state, deferred| state.release_receivers(deferred)));
                }
                Poll::Ready(Ok(())) => {}
            }
            if handler_waits {
                return Ok(true);
            }
        }
        // There is more, and tokio's budget does not count here: others get their turn.
        Ok(true)
    }

    /// Whether nothing may be read for now.
    fn is_paused(&self, shared: &Shared) -> bool {
        self.pongs >= MAX_PONGS || shared.with(|state, _| state.inbound.is_full())
    }

    /// Decodes into inbound until it is full or `bytes` is used up; `true` if the handler waited for it.
    fn deliver(&mut self, bytes: &mut &[u8], shared: &Shared, now: Instant) -> bool {
        let mut handler_waits = false;
        while !self.is_paused(shared) {
            match self.decoder.decode(bytes) {
                Ok(None) => break,
                Ok(Some(received)) => {
                    handler_waits |= self.receive(received, shared, now);
                }
                Err(violation) => {
                    self.fail(violation, shared);
                    handler_waits = true;
                }
            }
            if self.input_over {
                *bytes = &[];
                break;
            }
        }
        handler_waits
    }

    fn receive(&mut self, received: Received, shared: &Shared, now: Instant) -> bool {
        match &received {
            Received::Text(_) | Received::Binary(_) => self.last_data = now,
            Received::Ping(payload) => self.pong(payload, now),
            Received::Pong(payload) => {
                // A late answer to an earlier ping of the keepalive is one too.
                if let Ok(number) = payload[..].try_into().map(u64::from_be_bytes)
                    && (self.answered + 1..=self.pings).contains(&number)
                {
                    self.answered = number;
                    return false;
                }
            }
            Received::Close(frame) => {
                self.end_input(shared, EndOfInput::Close(frame.clone()), now);
                return shared.with(|state, deferred| state.release_receivers(deferred));
            }
        }
        shared.with(|state, deferred| {
            state.inbound.push(received);
            state.release_receivers(deferred)
        })
    }

    /// Answers a ping ahead of what is queued, unless our close frame may be out already.
    fn pong(&mut self, payload: &[u8], now: Instant) {
        if matches!(self.close, CloseProgress::Open | CloseProgress::Sealed(_)) {
            self.push_control(Control::Pong, payload, now);
            self.pongs += 1;
        }
    }

    fn push_control(&mut self, control: Control, payload: &[u8], now: Instant) {
        if self.wire.is_empty() {
            // Nothing has waited so far.
            self.last_write = now;
        }
        self.wire.push_control(control, payload);
    }

    /// Nothing more comes in. It is answered at once if the handler has everything that came before.
    fn end_input(&mut self, shared: &Shared, end: EndOfInput, now: Instant) {
        self.input_over = true;
        self.last_data = now;
        self.carry = Vec::new();
        self.decoded = 0;
        shared.with(|state, deferred| {
            state.inbound.end = Some(end);
            if !state.inbound.has_data() {
                state.answer_end(deferred);
            }
        });
    }

    /// Fails the connection: RFC 6455, section 7.1.7.
    fn fail(&mut self, violation: Violation, shared: &Shared) {
        let Violation { code, reason } = violation;
        tracing::debug!(connection = %shared.id, code, reason, "protocol violation by the peer");
        self.input_over = true;
        shared.with(|state, deferred| {
            state.inbound.end = Some(EndOfInput::Cut);
            state.seal(CloseKind::Violation, Some(CloseFrame { code, reason: reason.into() }), deferred);
            state.release_receivers(deferred);
        });
    }

    /// Writes all that is queued and flushes it; `true` if the handler waited for room or for a flush.
    fn write(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<bool> {
        let (mut fetches, mut more) = (0, false);
        loop {
            if self.wire.is_empty() {
                self.pongs = 0;
                if !self.fetch(shared, now) {
                    break;
                }
                fetches += 1;
                if fetches > READS {
                    // Others fill it as fast as it is emptied.
                    more = true;
                    break;
                }
            }
            match self.poll_write(cx) {
                Poll::Pending => break,
                Poll::Ready(written) => {
                    let written = self.wire.advance(written?);
                    let unflushed = self.unflushed.get_or_insert_default();
                    unflushed.messages += written.messages;
                    // The peer takes bytes: it is alive, and our ping may still be behind them.
                    if !self.wire.is_empty() {
                        self.keepalive.progress(now);
                    }
                    unflushed.bytes += written.bytes;
                    self.last_write = now;
                }
            }
        }
        let Some(written) = self.unflushed else { return Ok(more) };
        // Only a flush makes sure that the kernel has it: TLS keeps records of its own.
        match Pin::new(&mut self.transport).poll_flush(cx) {
            Poll::Pending => return Ok(more),
            Poll::Ready(flushed) => flushed?,
        }
        self.unflushed = None;
        if self.wire.is_empty() && matches!(self.close, CloseProgress::Fetched(_)) {
            self.close = CloseProgress::Sent(now);
        }
        Ok(shared.with(|state, deferred| {
            state.outbox.release(written);
            state.release_senders(deferred) || more
        }))
    }

    /// Takes what senders have queued; `false` if that is nothing.
    fn fetch(&mut self, shared: &Shared, now: Instant) -> bool {
        let (fetched, sealed) =
            shared.with(|state, _| (state.outbox.fetch(&mut self.wire), state.outbox.is_sealed()));
        if fetched {
            self.last_write = now;
        }
        if sealed {
            self.close = match self.close {
                CloseProgress::Open => CloseProgress::Fetched(now),
                CloseProgress::Sealed(since) => CloseProgress::Fetched(since),
                further => further,
            };
        }
        fetched
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = self.wire.fill(&mut slices);
        let transport = Pin::new(&mut self.transport);
        let polled = if filled > 1 && transport.is_write_vectored() {
            transport.poll_write_vectored(cx, &slices[..filled])
        } else {
            transport.poll_write(cx, &slices[0])
        };
        match ready!(polled) {
            Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            written => Poll::Ready(written),
        }
    }

    /// Acts on the clocks that have run out; the next time to look.
    fn clocks(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Instant> {
        let (sealed, pending_end) = shared.with(|state, deferred| {
            if state.inbound.discards() {
                // Nobody takes what came before the end any more.
                state.answer_end(deferred);
            }
            (state.seal.is_some(), state.inbound.end.is_some())
        });
        if sealed {
            if self.close == CloseProgress::Open {
                self.close = CloseProgress::Sealed(now);
            }
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

    fn write_deadline(&self, config: &WebSocketConfig) -> Option<Instant> {
        (!self.wire.is_empty() || self.unflushed.is_some())
            .then(|| after(self.last_write, config.write_stall))
    }

    /// When a connection that is closing ends, whatever the peer does.
    fn close_deadline(&self, config: &WebSocketConfig) -> Option<Instant> {
        match self.close {
            CloseProgress::Open => None,
            CloseProgress::Sealed(since) | CloseProgress::Fetched(since) => {
                Some(after(since, config.write_stall.saturating_mul(CLOSING_STALLS)))
            }
            CloseProgress::Sent(since) => Some(after(since, config.close_timeout)),
        }
    }

    /// Whether the connection is over: the closing handshake is done, or one of its deadlines has passed.
    fn finished(&mut self, shared: &Shared, config: &WebSocketConfig, now: Instant) -> Option<Turn> {
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| now >= deadline);
        let stalled = passed(self.write_deadline(config));
        let sent = matches!(self.close, CloseProgress::Sent(_));
        if !(sent && self.input_over || stalled || passed(self.close_deadline(config))) {
            return None;
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
        shared.with(|state, deferred| {
            let sent = matches!(self.close, CloseProgress::Sent(_));
            match state.seal.clone() {
                Some(seal) if sent => state.end(seal.kind, seal.frame, false, deferred),
                _ => match state.inbound.end.clone() {
                    Some(EndOfInput::Close(frame)) => state.end(CloseKind::Peer, frame, false, deferred),
                    _ => state.end(CloseKind::Lost, None, false, deferred),
                },
            }
        });
        Turn::Over { drop_now: true }
    }

    /// Gives back what a burst took, now that there is nothing to do.
    fn shrink(&mut self, shared: &Shared) {
        self.decoder.shrink();
        self.wire.shrink();
        if self.carry.is_empty() {
            self.carry = Vec::new();
        }
        shared.with(|state, _| {
            state.inbound.shrink();
            state.outbox.shrink();
        });
    }
}

fn time_out(shared: &Shared, kind: CloseKind, reason: &str) {
    let frame = CloseFrame { code: CloseCode::TIMEOUT, reason: reason.into() };
    shared.with(|state, deferred| state.seal(kind, Some(frame), deferred));
}

/// Ends the transport: first our side (RFC 6455, section 7.1.1), then it is read to its end, so that unread bytes
/// do not turn into a reset that overtakes the close frame. Bounded by the caller's clock.
pub(super) fn poll_linger(transport: &mut Transport, shut: &mut bool, cx: &mut Context<'_>) -> Poll<()> {
    if !*shut {
        if ready!(Pin::new(&mut *transport).poll_shutdown(cx)).is_err() {
            return Poll::Ready(());
        }
        *shut = true;
    }
    let mut buffer = BUFFER.take();
    buffer.resize(SCRATCH, 0);
    let mut polled = Poll::Pending;
    for round in 1..=READS {
        let mut read = ReadBuf::new(&mut buffer);
        match Pin::new(&mut *transport).poll_read(cx, &mut read) {
            Poll::Pending => break,
            Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                if round == READS {
                    cx.waker().wake_by_ref();
                }
            }
            Poll::Ready(_) => {
                polled = Poll::Ready(());
                break;
            }
        }
    }
    BUFFER.set(buffer);
    polled
}
