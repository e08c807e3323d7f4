//! From the transport's bytes to the messages in inbound.

use std::{
    io,
    task::{Context, Poll},
    time::Instant,
};

use super::{Link, MAX_PONGS, READS, peek::Unread};
use crate::{
    connection::{
        state::{EndOfInput, Shared, State},
        task::transport::Scratch,
    },
    protocol::{Received, Violation},
};

impl Link {
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
        if !self.is_peeking && (self.inbound_full || self.peek.is_active()) {
            self.note_unread(has_looked, shared, now);
        }
        // Where there is more, and tokio's budget does not count here, others get their turn.
        Ok(read?.unwrap_or(true))
    }

    /// Finds out how much the handler has left unread.
    fn note_unread(&mut self, has_looked: bool, shared: &Shared, now: Instant) {
        let state = shared.lock();
        self.inbound_full = state.inbound.is_full();
        let unread = if !self.inbound_full {
            Unread::Little
        } else if state.inbound.is_at_limit() {
            Unread::AtLimit
        } else if has_looked && self.carry.is_empty() {
            Unread::Dry
        } else {
            Unread::NotLooked
        };
        self.peek.note(unread, now);
    }

    /// Decodes what is left, or reads once. `None` if there may be more; else whether something came in that the handler
    /// waits for.
    fn read_on(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<Option<bool>> {
        if self.input_over || self.is_paused(shared, now) {
            return Ok(Some(false));
        }
        if self.decoded < self.carry.len() {
            let mut carry = std::mem::take(&mut self.carry);
            let mut rest = &mut carry[self.decoded..];
            let handler_waits = self.deliver(&mut rest, shared, now);
            let left = rest.len();
            self.decoded = carry.len() - left;
            if left > 0 {
                // What comes next must wait behind it.
                self.carry = carry;
                return Ok(Some(handler_waits));
            }
            self.decoded = 0;
            return Ok(handler_waits.then_some(true));
        }
        let mut scratch = None;
        let read = match self.decoder.place() {
            Some(mut place) => self.transport.poll_read_to(cx, &mut place),
            None => self.transport.poll_read(cx, scratch.insert(Scratch::lend())),
        };
        let n = match read {
            Poll::Pending => return Ok(Some(false)),
            Poll::Ready(n) => n?,
        };
        if n == 0 {
            self.end_input(shared, EndOfInput::Eof, now);
            return Ok(Some(shared.with(|state, deferred| state.release_receivers(deferred))));
        }
        self.keepalive.heard(now);
        self.tally.read(n);
        let mut rest = match &mut scratch {
            Some(scratch) => scratch.filled(n),
            None => {
                if let Err(violation) = self.decoder.placed(n) {
                    self.fail(violation, shared, now);
                    return Ok(Some(true));
                }
                &mut []
            }
        };
        let handler_waits = self.deliver(&mut rest, shared, now);
        self.carry.extend_from_slice(rest);
        Ok(handler_waits.then_some(true))
    }

    /// Whether nothing may be read for now.
    fn is_paused(&mut self, shared: &Shared, now: Instant) -> bool {
        // Only we fill it.
        self.inbound_full = self.inbound_full && self.takes_no_more(&shared.lock());
        self.inbound_full || self.pongs >= MAX_PONGS || self.pause(now).is_some()
    }

    fn takes_no_more(&self, state: &State) -> bool {
        if self.is_peeking { state.inbound.is_at_limit() } else { state.inbound.is_full() }
    }

    /// Until when nothing is read, because more has come than may.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.meter.as_ref()?.pause(now)
    }

    /// Decodes into inbound until it is full or `bytes` is used up; `true` if the handler waited for it.
    fn deliver(&mut self, bytes: &mut &mut [u8], shared: &Shared, now: Instant) -> bool {
        let mut handler_waits = false;
        while !self.inbound_full && self.pongs < MAX_PONGS && self.pause(now).is_none() {
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

    fn next(&mut self, bytes: &mut &mut [u8], now: Instant) -> Result<Option<Received>, Violation> {
        let received = self.decoder.decode(bytes)?;
        if let (Some(meter), Some(received)) = (&mut self.meter, &received) {
            meter.note(received, now)?;
        }
        Ok(received)
    }

    fn receive(&mut self, received: Received, shared: &Shared, now: Instant) -> bool {
        match &received {
            Received::Text(_) | Received::Binary(_) => {
                self.last_data = now;
                self.tally.received();
            }
            Received::Ping(payload) => self.pong(payload, now),
            Received::Pong(payload) => {
                // A late answer to an earlier ping of the keepalive is one too.
                if let Ok(number) = payload[..].try_into().map(u64::from_be_bytes)
                    && (self.answered + 1..=self.pings).contains(&number)
                {
                    self.answered = number;
                    if number == self.pings {
                        self.tally.ponged(now);
                    }
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
            self.inbound_full = self.takes_no_more(state);
            self.decoder.gives_away = state.inbound.gives_away;
            state.release_receivers(deferred)
        })
    }

    /// Nothing more comes in. It is answered at once if the handler has everything that came before.
    fn end_input(&mut self, shared: &Shared, end: EndOfInput, now: Instant) {
        self.input_over = true;
        self.last_data = now;
        self.carry = Vec::new();
        self.decoded = 0;
        self.decoder.give_up();
        shared.with(|state, deferred| {
            state.inbound.end = Some(end);
            // Where nobody receives, nobody will take what came before.
            if !state.inbound.has_data() || state.inbound.is_unread() && now >= self.unread_until {
                state.answer_end(deferred);
            }
        });
    }

    /// Fails the connection: RFC 6455, section 7.1.7. What came before is still handled and answered, as before any other end.
    fn fail(&mut self, violation: Violation, shared: &Shared, now: Instant) {
        let Violation { code, reason } = violation;
        tracing::debug!(connection = %shared.id, code, reason, "protocol violation by the peer");
        self.end_input(shared, EndOfInput::Violation(violation), now);
        shared.with(|state, deferred| state.release_receivers(deferred));
    }
}
