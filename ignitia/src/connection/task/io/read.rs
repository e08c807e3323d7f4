//! Input: from the transport's bytes to messages in the receive queue.

use std::{
    io,
    task::{Context, Poll},
};

use super::{
    connection_io::{ConnectionIo, MAX_PONGS},
    peek::UnreadInput,
};
use crate::{
    connection::{
        state::{ConnectionState, EndOfInput, Shared},
        task::transport::Scratch,
    },
    message::Message,
    protocol::{NOT_UTF_8, ProtocolViolation, TextBatch},
    time::Instant,
};

/// Number of reads in one poll.
const READS: usize = 4;

/// Bytes that decompression adds to the input before other tasks get their turn: a few bytes may
/// become a large message.
const MAX_ADDED: usize = 256 << 10;

/// Bytes that a stream behind a final block counts as: to begin it takes about as long as to
/// decompress so many.
const STREAM: usize = 4 << 10;

/// Result of one step of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadProgress {
    /// There may be more.
    More,
    /// The read buffer was filled: there is more for certain.
    Filled,
    /// Reading stops for now.
    Done,
}

/// Result of reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadOutcome {
    /// True if something came in that the handler waits for.
    pub(super) handler_ready: bool,
    /// True if there may be more to read at once.
    pub(super) has_more: bool,
}

impl ConnectionIo {
    /// Decodes what is left over and reads on, until the transport has no more or the receive queue
    /// is full.
    pub(super) fn read(
        &mut self,
        shared: &Shared,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> io::Result<ReadOutcome> {
        self.is_peeking |= self.peek.is_due(now);
        let mut handler_ready = false;
        let mut progress = Ok(ReadProgress::More);
        for _ in 0..READS {
            progress = self.read_on(&mut handler_ready, shared, now, cx);
            match progress {
                Ok(ReadProgress::More) => {}
                Ok(ReadProgress::Filled) if !handler_ready => {}
                _ => break,
            }
        }
        // There may be more, but tokio's budget does not count here: other tasks get their turn
        // first.
        let has_more = matches!(progress, Ok(ReadProgress::More | ReadProgress::Filled));
        let has_peeked = self.is_peeking;
        // A peek ends where the transport has no more or nothing more may be read.
        self.is_peeking &= has_more;
        if !self.is_peeking && (self.recv_queue_full || self.peek.is_active()) {
            self.note_unread(has_peeked, shared, now);
        }
        progress.map(|_| ReadOutcome { handler_ready, has_more })
    }

    /// Notes how much input the handler has left unread.
    fn note_unread(&mut self, has_peeked: bool, shared: &Shared, now: Instant) {
        let state = shared.lock();
        self.recv_queue_full = state.recv_queue.is_full();
        let unread = if !self.recv_queue_full {
            UnreadInput::Little
        } else if state.recv_queue.is_at_limit() {
            UnreadInput::AtLimit
        } else if has_peeked && self.undecoded.is_empty() {
            UnreadInput::Dry
        } else {
            UnreadInput::NotPeeked
        };
        self.peek.note(unread, now);
    }

    /// Decodes what is left over, or reads once.
    fn read_on(
        &mut self,
        handler_ready: &mut bool,
        shared: &Shared,
        now: Instant,
        cx: &mut Context<'_>,
    ) -> io::Result<ReadProgress> {
        if self.input_over || self.is_paused(shared, now) {
            return Ok(ReadProgress::Done);
        }
        // Left-over bytes come before new ones from the transport: they are older.
        if self.decoded < self.undecoded.len() {
            let mut undecoded = std::mem::take(&mut self.undecoded);
            let mut rest = &mut undecoded[self.decoded..];
            *handler_ready |= self.decode_into_queue(&mut rest, shared, now);
            // More may have arrived behind these.
            self.input_drained = false;
            let left = rest.len();
            self.decoded = undecoded.len() - left;
            if left > 0 {
                // Bytes that are read from now on must queue up behind these.
                self.undecoded = undecoded;
                // Nothing but decompression stops while there is room.
                let is_paused = self.is_paused(shared, now);
                return Ok(if is_paused { ReadProgress::Done } else { ReadProgress::More });
            }
            self.decoded = 0;
            return Ok(ReadProgress::More);
        }
        let mut scratch = None;
        let read = match self.decoder.read_target() {
            Some(mut read_target) => self.transport.poll_read_to(cx, &mut read_target),
            None => self.transport.poll_read(cx, scratch.insert(Scratch::take())),
        };
        let n = match read {
            Poll::Pending => return Ok(ReadProgress::Done),
            Poll::Ready(n) => n?,
        };
        if n == 0 {
            self.end_input(shared, EndOfInput::Eof, now);
            *handler_ready |= shared.with(|state, after_unlock| state.release_receivers(after_unlock));
            return Ok(ReadProgress::Done);
        }
        // Any byte proves that the peer is alive, even one of a message that is not complete.
        self.keepalive.heard(now);
        self.metrics.read(n);
        let mut rest = match &mut scratch {
            Some(scratch) => scratch.filled(n),
            None => {
                if let Err(violation) = self.decoder.commit_read(n) {
                    self.fail(violation, shared, now);
                    *handler_ready = true;
                    return Ok(ReadProgress::Done);
                }
                &mut []
            }
        };
        *handler_ready |= self.decode_into_queue(&mut rest, shared, now);
        self.undecoded.extend_from_slice(rest);
        let is_full = scratch.is_some_and(|scratch| scratch.is_full(n));
        self.input_drained &= !is_full;
        Ok(if is_full { ReadProgress::Filled } else { ReadProgress::More })
    }

    /// Returns `true` while nothing may be read: backpressure by the receive queue, by pongs that
    /// the peer does not take, or by the rate limit.
    fn is_paused(&mut self, shared: &Shared, now: Instant) -> bool {
        // Only this task fills the queue: while the flag is unset there is no need to take the
        // lock.
        self.recv_queue_full = self.recv_queue_full && self.takes_no_more(&shared.lock());
        self.recv_queue_full || self.pongs >= MAX_PONGS || self.pause(now).is_some()
    }

    fn takes_no_more(&self, state: &ConnectionState) -> bool {
        if self.is_peeking { state.recv_queue.is_at_limit() } else { state.recv_queue.is_full() }
    }

    /// Returns the end of the pause that the rate limit imposes, if one is on.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.rate_limit.as_ref()?.pause(now)
    }

    /// Decodes messages into the receive queue, until it is full or `bytes` is used up. Returns
    /// `true` if the handler waited for one.
    fn decode_into_queue(&mut self, bytes: &mut &mut [u8], shared: &Shared, now: Instant) -> bool {
        let (mut poll_handler, mut added, mut streams) = (false, 0, 0);
        while added + streams * STREAM < MAX_ADDED
            && !self.recv_queue_full
            && self.pongs < MAX_PONGS
            && self.pause(now).is_none()
        {
            // Each message counts for the rate limit, and what is peeked at has limits of its own.
            if self.rate_limit.is_none() && !self.is_peeking {
                poll_handler |= self.decode_short_texts(bytes, shared, now);
                let is_done = bytes.is_empty() && !self.decoder.is_inside_message();
                if is_done || self.recv_queue_full || self.input_over {
                    break;
                }
            }
            let received = self.next(bytes, now);
            added += self.decoder.take_added();
            streams += self.decoder.take_streams();
            match received {
                Ok(None) => break,
                Ok(Some(received)) => {
                    poll_handler |= self.enqueue(received, shared, now);
                }
                Err(violation) => {
                    self.fail(violation, shared, now);
                    poll_handler = true;
                }
            }
            if self.input_over {
                self.input_drained = bytes.is_empty();
                *bytes = &mut [];
                break;
            }
        }
        self.metrics.expanded(added);
        poll_handler
    }

    /// Decodes short texts into the receive queue, as long as one follows the other. Returns `true`
    /// if the handler waited for one.
    fn decode_short_texts(&mut self, bytes: &mut &mut [u8], shared: &Shared, now: Instant) -> bool {
        let mut poll_handler = false;
        if let Some(text) = self.decoder.decode_lone_text(bytes) {
            return self.enqueue_lone_text(text, shared, now);
        }
        loop {
            let batch = self.decoder.decode_short_texts(bytes, self.batch_limit);
            if batch.is_empty() {
                return poll_handler;
            }
            poll_handler |= self.enqueue_texts(&batch, shared, now);
            if self.input_over {
                *bytes = &mut [];
            }
            if !batch.is_full() || self.recv_queue_full || self.input_over {
                return poll_handler;
            }
        }
    }

    fn enqueue_lone_text(
        &mut self,
        text: Result<&str, ProtocolViolation>,
        shared: &Shared,
        now: Instant,
    ) -> bool {
        match text {
            Ok(text) => {
                self.last_data = now;
                self.metrics.received(1);
                shared.with(|state, after_unlock| {
                    let handler_waits = state.receive_text(text, after_unlock);
                    self.note_limit(state);
                    handler_waits
                })
            }
            Err(violation) => {
                self.fail(violation, shared, now);
                true
            }
        }
    }

    fn enqueue_texts(&mut self, batch: &TextBatch<'_>, shared: &Shared, now: Instant) -> bool {
        let (texts, is_valid) = batch.validate();
        self.last_data = now;
        self.metrics.received(texts.lengths.len());
        let poll_handler = shared.with(|state, after_unlock| {
            let handler_waits = state.receive_texts(texts, after_unlock);
            self.note_limit(state);
            handler_waits
        });
        if !is_valid {
            self.fail(NOT_UTF_8, shared, now);
        }
        poll_handler || !is_valid
    }

    /// Notes the room that is left in the receive queue.
    fn note_limit(&mut self, state: &ConnectionState) {
        self.recv_queue_full = self.takes_no_more(state);
        self.batch_limit = state.recv_queue.batch_limit();
    }

    fn next(&mut self, bytes: &mut &mut [u8], now: Instant) -> Result<Option<Message>, ProtocolViolation> {
        let received = self.decoder.decode(bytes)?;
        if let (Some(rate_limit), Some(received)) = (&mut self.rate_limit, &received) {
            rate_limit.charge(received, now)?;
        }
        Ok(received)
    }

    fn enqueue(&mut self, received: Message, shared: &Shared, now: Instant) -> bool {
        match &received {
            Message::Text(_) | Message::Binary(_) => {
                self.last_data = now;
                self.metrics.received(1);
            }
            Message::Ping(payload) => self.pong(payload, now),
            Message::Pong(payload) => {
                // A late pong to an earlier keepalive ping is an answer, too.
                if let Ok(number) = payload[..].try_into().map(u64::from_be_bytes)
                    && (self.answered + 1..=self.pings).contains(&number)
                {
                    self.answered = number;
                    if number == self.pings {
                        self.metrics.ponged(now);
                    }
                    return false;
                }
            }
            // Bytes behind the close frame are never decoded (RFC 6455, section 5.5.1).
            Message::Close(frame) => {
                self.end_input(shared, EndOfInput::Close(frame.clone()), now);
                return shared.with(|state, after_unlock| state.release_receivers(after_unlock));
            }
        }
        shared.with(|state, after_unlock| {
            let handler_waits = state.receive(received, after_unlock);
            self.note_limit(state);
            handler_waits
        })
    }

    /// Notes the end of the input. It is answered at once if the handler has handled everything
    /// that came before it.
    fn end_input(&mut self, shared: &Shared, end: EndOfInput, now: Instant) {
        self.input_over = true;
        self.last_data = now;
        self.undecoded = Vec::new();
        self.decoded = 0;
        self.decoder.give_up();
        shared.with(|state, after_unlock| {
            state.recv_queue.end = Some(end);
            // Without a receiver, what came before the end will never be taken: waiting for it
            // would hold up the closing handshake.
            if !state.recv_queue.has_data() || state.recv_queue.is_unread() && now >= self.first_recv_deadline
            {
                state.close_for_end_of_input(after_unlock);
            }
        });
    }

    /// Fails the connection (RFC 6455, section 7.1.7). Messages that came before the violation are
    /// still handled and answered, as before any other end.
    fn fail(&mut self, violation: ProtocolViolation, shared: &Shared, now: Instant) {
        let ProtocolViolation { code, reason } = violation;
        tracing::debug!(connection = %shared.id, code, reason, "protocol violation by the peer");
        self.end_input(shared, EndOfInput::Violation(violation), now);
        shared.with(|state, after_unlock| state.release_receivers(after_unlock));
    }
}
