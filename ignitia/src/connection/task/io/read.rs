//! From the transport's bytes to the messages in inbound.

use std::{
    io,
    task::{Context, Poll},
    time::Instant,
};

use super::{ConnectionIo, MAX_PONGS, READS, peek::UnreadInput};
use crate::{
    connection::{
        state::{ConnectionState, EndOfInput, Shared},
        task::transport::Scratch,
    },
    protocol::{Incoming, ProtocolViolation},
};

impl ConnectionIo {
    /// Decodes what there is and reads more, until the transport is dry or inbound is full; `true` once something
    /// came in that the handler waits for.
    pub(super) fn read(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<bool> {
        self.is_peeking |= self.peek.is_due(now);
        let mut read = Ok(None);
        for _ in 0..READS {
            read = self.read_on(shared, now, cx);
            if !matches!(read, Ok(None)) {
                break;
            }
        }
        let has_looked = self.is_peeking;
        // A look ends where the transport is dry, or nothing more may be read.
        self.is_peeking &= matches!(read, Ok(None));
        if !self.is_peeking && (self.recv_queue_full || self.peek.is_active()) {
            self.note_unread(has_looked, shared, now);
        }
        // Where there is more, and tokio's budget does not count here, others get their turn.
        Ok(read?.unwrap_or(true))
    }

    /// Finds out how much the handler has left unread.
    fn note_unread(&mut self, has_looked: bool, shared: &Shared, now: Instant) {
        let state = shared.lock();
        self.recv_queue_full = state.recv_queue.is_full();
        let unread = if !self.recv_queue_full {
            UnreadInput::Little
        } else if state.recv_queue.is_at_limit() {
            UnreadInput::AtLimit
        } else if has_looked && self.undecoded.is_empty() {
            UnreadInput::Dry
        } else {
            UnreadInput::NotLooked
        };
        self.peek.note(unread, now);
    }

    /// Decodes what is left, or reads once. `None` if there may be more; else whether something came in that the handler
    /// waits for.
    fn read_on(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<Option<bool>> {
        if self.input_over || self.is_paused(shared, now) {
            return Ok(Some(false));
        }
        if self.decoded < self.undecoded.len() {
            let mut undecoded = std::mem::take(&mut self.undecoded);
            let mut rest = &mut undecoded[self.decoded..];
            let handler_waits = self.decode_into_queue(&mut rest, shared, now);
            let left = rest.len();
            self.decoded = undecoded.len() - left;
            if left > 0 {
                // What comes next must wait behind it.
                self.undecoded = undecoded;
                return Ok(Some(handler_waits));
            }
            self.decoded = 0;
            return Ok(handler_waits.then_some(true));
        }
        let mut scratch = None;
        let read = match self.decoder.read_target() {
            Some(mut read_target) => self.transport.poll_read_to(cx, &mut read_target),
            None => self.transport.poll_read(cx, scratch.insert(Scratch::lend())),
        };
        let n = match read {
            Poll::Pending => return Ok(Some(false)),
            Poll::Ready(n) => n?,
        };
        if n == 0 {
            self.end_input(shared, EndOfInput::Eof, now);
            return Ok(Some(shared.with(|state, after_unlock| state.release_receivers(after_unlock))));
        }
        self.keepalive.heard(now);
        self.metrics.read(n);
        let mut rest = match &mut scratch {
            Some(scratch) => scratch.filled(n),
            None => {
                if let Err(violation) = self.decoder.commit_read(n) {
                    self.fail(violation, shared, now);
                    return Ok(Some(true));
                }
                &mut []
            }
        };
        let handler_waits = self.decode_into_queue(&mut rest, shared, now);
        self.undecoded.extend_from_slice(rest);
        Ok(handler_waits.then_some(true))
    }

    /// Whether nothing may be read for now.
    fn is_paused(&mut self, shared: &Shared, now: Instant) -> bool {
        // Only we fill it.
        self.recv_queue_full = self.recv_queue_full && self.takes_no_more(&shared.lock());
        self.recv_queue_full || self.pongs >= MAX_PONGS || self.pause(now).is_some()
    }

    fn takes_no_more(&self, state: &ConnectionState) -> bool {
        if self.is_peeking { state.recv_queue.is_at_limit() } else { state.recv_queue.is_full() }
    }

    /// Until when nothing is read, because more has come than may.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.rate_limit.as_ref()?.pause(now)
    }

    /// Decodes into inbound until it is full or `bytes` is used up; `true` if the handler waited for it.
    fn decode_into_queue(&mut self, bytes: &mut &mut [u8], shared: &Shared, now: Instant) -> bool {
        let mut handler_waits = false;
        while !self.recv_queue_full && self.pongs < MAX_PONGS && self.pause(now).is_none() {
            match self.next(bytes, now) {
                Ok(None) => break,
                Ok(Some(received)) => {
                    handler_waits |= self.receive(received, shared, now);
                }
                Err(violation) => {
                    self.fail(violation, shared, now);
                    handler_waits = true;
                }
            }
            if self.input_over {
                *bytes = &mut [];
                break;
            }
        }
        handler_waits
    }

    fn next(&mut self, bytes: &mut &mut [u8], now: Instant) -> Result<Option<Incoming>, ProtocolViolation> {
        let received = self.decoder.decode(bytes)?;
        if let (Some(rate_limit), Some(received)) = (&mut self.rate_limit, &received) {
            rate_limit.note(received, now)?;
        }
        Ok(received)
    }

    fn receive(&mut self, received: Incoming, shared: &Shared, now: Instant) -> bool {
        match &received {
            Incoming::Text(_) | Incoming::Binary(_) => {
                self.last_data = now;
                self.metrics.received();
            }
            Incoming::Ping(payload) => self.pong(payload, now),
            Incoming::Pong(payload) => {
                // A late answer to an earlier ping of the keepalive is one too.
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
            Incoming::Close(frame) => {
                self.end_input(shared, EndOfInput::Close(frame.clone()), now);
                return shared.with(|state, after_unlock| state.release_receivers(after_unlock));
            }
        }
        shared.with(|state, after_unlock| {
            state.recv_queue.push(received);
            self.recv_queue_full = self.takes_no_more(state);
            self.decoder.wants_owned_text = state.recv_queue.wants_owned_text;
            state.release_receivers(after_unlock)
        })
    }

    /// Nothing more comes in. It is answered at once if the handler has everything that came before.
    fn end_input(&mut self, shared: &Shared, end: EndOfInput, now: Instant) {
        self.input_over = true;
        self.last_data = now;
        self.undecoded = Vec::new();
        self.decoded = 0;
        self.decoder.give_up();
        shared.with(|state, after_unlock| {
            state.recv_queue.end = Some(end);
            // Where nobody receives, nobody will take what came before.
            if !state.recv_queue.has_data() || state.recv_queue.is_unread() && now >= self.first_recv_deadline
            {
                state.close_for_end_of_input(after_unlock);
            }
        });
    }

    /// Fails the connection: RFC 6455, section 7.1.7. What came before is still handled and answered, as before any other end.
    fn fail(&mut self, violation: ProtocolViolation, shared: &Shared, now: Instant) {
        let ProtocolViolation { code, reason } = violation;
        tracing::debug!(connection = %shared.id, code, reason, "protocol violation by the peer");
        self.end_input(shared, EndOfInput::Violation(violation), now);
        shared.with(|state, after_unlock| state.release_receivers(after_unlock));
    }
}
