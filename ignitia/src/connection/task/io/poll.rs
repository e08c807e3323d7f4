//! One poll of the transport: read, check deadlines, write, and notice the end of the connection.

use std::{io, task::Context};

use super::{
    connection_io::{ConnectionIo, MAX_PONGS},
    deadlines::earliest,
    read::ReadOutcome,
};
use crate::{
    close::CloseKind,
    connection::{
        config::WebSocketConfig,
        state::{EndOfInput, Shared},
    },
    protocol::CloseHandshake,
    time::Instant,
};

/// Outgoing bytes from which on a write does not wait for the rest of a burst to be handled.
const BATCH: usize = 64 << 10;

/// Result of one poll of the transport.
#[derive(Debug)]
pub(in crate::connection::task) enum IoProgress {
    /// The handler can go on, or reading can: poll again after the handler.
    Again,
    /// The handler can go on, and nothing else can before its frames are written.
    HandlerReady,
    /// Nothing can be done before the transport, a queue or the clock moves. The instant is the
    /// next deadline.
    Idle(Option<Instant>),
    /// The connection is over. With `drop_now` its transport does not linger.
    Over { drop_now: bool },
}

impl ConnectionIo {
    /// Reads, then writes, as far as both go. With `hurry` nothing is held back for a larger write.
    pub(in crate::connection::task) fn poll(
        &mut self,
        shared: &Shared,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> IoProgress {
        let config = &*shared.config;
        // Before anything else: deadlines that a stall of ours has passed must not count below.
        self.excuse_own_stall(now);
        let ReadOutcome { handler_ready, has_more } = match self.read(shared, now, cx) {
            Ok(outcome) => outcome,
            Err(error) => return self.lost(shared, &error),
        };
        // The handler goes first: its replies to the messages that have just come in join this
        // write, which is one system call then instead of two.
        if handler_ready && !hurry && self.send_buffer.len() < BATCH {
            if !has_more && self.is_calm(config, now) {
                // No other poll may follow for long.
                self.decoder.shrink();
                return IoProgress::HandlerReady;
            }
            return self.poll_again(now);
        }
        let poll_handler = handler_ready || has_more;
        // Deadlines are checked after reading: a pong or a close frame that has arrived counts,
        // however late this poll comes. They are checked before writing, so that a ping or a close
        // frame that is due goes out at once.
        self.grace_period.begin();
        let (read_state, ours) = self.fetch_and_classify(shared, now);
        let clock = earliest([self.check_input_deadlines(read_state, shared, now), ours]);
        // Reading may have stopped for pongs that this write is about to get rid of.
        let reading_held = self.pongs >= MAX_PONGS;
        let poll_handler = match self.write(shared, now, cx) {
            Ok(senders) => senders || poll_handler,
            Err(error) => return self.lost(shared, &error),
        };
        if let Some(poll) = self.end_if_over(shared, now) {
            return poll;
        }
        if poll_handler || reading_held && self.pongs < MAX_PONGS {
            return self.poll_again(now);
        }
        self.shrink();
        let lag = self.check_lag(shared, now);
        // While nothing is being written and nothing closes, only the deadlines of the receiving
        // side apply: an idle connection compares one instant.
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
        // A deadline that has passed would ask for a poll at once; it counts only at the end of the
        // grace period.
        self.due = self.grace_period.put_off(self.due);
        if let Some(pause) = self.pause(now) {
            self.due = earliest([self.due, Some(pause)]);
        }
        IoProgress::Idle(self.due)
    }

    /// Polls once more before the connection is cut off: what the transport takes at once goes out.
    pub(in crate::connection::task) fn poll_last(
        &mut self,
        shared: &Shared,
        now: Instant,
        cx: &mut Context<'_>,
    ) {
        self.is_cut_off = true;
        self.poll(shared, now, true, cx);
    }

    /// Only writes: nothing but outgoing frames has come up. A broadcast to an idle connection
    /// costs no look at its input or its deadlines.
    pub(in crate::connection::task) fn poll_write_only(
        &mut self,
        shared: &Shared,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> IoProgress {
        let config = &*shared.config;
        // A deadline is due, or reading has to be resumed: that takes a full poll.
        if self.pongs >= MAX_PONGS || self.due.is_some_and(|due| now >= due) {
            return self.poll(shared, now, hurry, cx);
        }
        self.fetch_replies(&mut shared.lock(), now);
        match self.write(shared, now, cx) {
            Ok(false) => {}
            Ok(true) => return self.poll_again(now),
            Err(error) => return self.lost(shared, &error),
        }
        self.send_buffer.shrink();
        let lag = self.check_lag(shared, now);
        self.due = earliest([self.due, lag, self.write_deadline(config)]);
        IoProgress::Idle(self.due)
    }

    /// Returns `true` if nothing but the handler's frames is to be expected: the input goes on, and
    /// what came in has only moved deadlines back. The timer may fire at the old ones.
    fn is_calm(&self, config: &WebSocketConfig, now: Instant) -> bool {
        self.close_handshake == CloseHandshake::No
            && !self.input_over
            && !self.recv_queue_full
            && self.pongs == 0
            && !self.was_paused
            && !self.peek.is_active()
            && self.pause(now).is_none()
            && self.input_puts_off_silence(config)
    }

    /// Asks for another poll at once. Should it come late, that is a stall of our own.
    fn poll_again(&mut self, now: Instant) -> IoProgress {
        self.due = Some(now);
        IoProgress::Again
    }

    /// Ends the connection if its closing handshake is complete or a deadline of the end has
    /// passed.
    fn end_if_over(&mut self, shared: &Shared, now: Instant) -> Option<IoProgress> {
        let config = &*shared.config;
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
        let answers_no_ping = shared.with(|state, after_unlock| {
            let clean = sent && matches!(state.recv_queue.end, Some(EndOfInput::Close(_)));
            match state.queued_close().cloned() {
                // A close frame that was sent decides the cause. One that is stuck behind bytes
                // that the peer does not take was never sent: then the stall is the cause.
                Some(close) if sent || !stalled => state.end(close.kind, close.frame, clean, after_unlock),
                _ => state.end(CloseKind::WriteStall, None, false, after_unlock),
            }
            clean && self.answered == self.pings && !state.send_queue.has_pinged()
        });
        // Behind its close frame a peer sends no data (RFC 6455, section 5.5.1), but it answers
        // pings until it has ours (section 5.5.2). If it has none to answer, and no byte of it is
        // unread, TCP can be closed at once: our close frame and the end of our side go out all the
        // same. The kernel would answer more bytes with a reset, which may destroy what the peer
        // has not read.
        let is_complete = answers_no_ping && self.input_drained && self.transport.is_tcp();
        Some(IoProgress::Over { drop_now: !sent || is_complete })
    }

    fn lost(&mut self, shared: &Shared, error: &io::Error) -> IoProgress {
        tracing::debug!(connection = %shared.id, %error, "the transport failed");
        if self.is_cut_off {
            // Over HTTP/2 the abort cuts off the connection below this stream at the same time.
            // That it fails is not the peer's doing.
            return IoProgress::Over { drop_now: true };
        }
        shared.with(|state, after_unlock| {
            let sent = self.close_handshake.is_sent();
            match state.queued_close().cloned() {
                Some(close) if sent => state.end(close.kind, close.frame, false, after_unlock),
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
}
