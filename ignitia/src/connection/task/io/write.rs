//! Output: from the frames of the send queue to bytes on the transport.

use std::{
    io,
    task::{Context, Poll},
};

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::connection_io::ConnectionIo;
use crate::{
    connection::{
        config::WebSocketConfig,
        state::{ConnectionState, Shared, Written},
    },
    protocol::CloseHandshake,
    time::Instant,
};

/// Number of fetches from the send queue in one poll.
const FETCHES: usize = 5;

impl ConnectionIo {
    /// Returns `true` while bytes wait for the transport or for its flush.
    pub(super) fn is_writing(&self) -> bool {
        !self.send_buffer.is_empty() || self.unflushed.is_some()
    }

    /// Returns `true` while nothing waits for the transport and nothing closes.
    pub(in crate::connection::task) fn is_resting(&self) -> bool {
        !self.is_writing() && self.close_handshake == CloseHandshake::No
    }

    /// Writes the fetched frames and everything queued behind them, and flushes. Returns `true` if
    /// the handler can go on, or if there is more to write.
    pub(super) fn write(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<bool> {
        let mut poll_handler = false;
        for _ in 0..FETCHES {
            if std::mem::take(&mut self.is_fetched) {
                self.compress(shared);
            }
            self.write_out(&shared.config, now, cx)?;
            let Some(written) = self.unflushed else { return Ok(poll_handler) };
            match self.transport.poll_flush(cx) {
                Poll::Pending => return Ok(poll_handler),
                Poll::Ready(flushed) => flushed?,
            }
            // Room is given back only now: TLS and HTTP/2 take bytes before the kernel has them,
            // and a `flush` of the user's must not return early.
            self.unflushed = None;
            let is_empty = self.send_buffer.is_empty();
            if is_empty {
                self.close_handshake.flushed(now);
            }
            poll_handler |= shared.with(|state, after_unlock| {
                state.send_queue.release(written);
                // Backlogs of rooms move up first, so that this fetch takes them along.
                state.refill();
                self.fetch(state, now);
                state.release_senders(after_unlock)
            });
            if !is_empty || self.send_buffer.is_empty() {
                return Ok(poll_handler);
            }
        }
        // Senders fill the queue as fast as it is emptied: other tasks get their turn first.
        Ok(true)
    }

    /// Compresses the messages that were fetched, under no lock.
    #[inline]
    fn compress(&mut self, shared: &Shared) {
        if let Some(compressor) = &mut self.compressor
            && let Some(rule) = shared.compression_rule()
        {
            let freed = self.send_buffer.compress(rule, compressor);
            if freed != Written::default() {
                self.metrics.spared(freed.bytes);
                self.unflushed.get_or_insert_default().add(freed);
            }
        }
    }

    /// Writes the fetched frames, as far as the transport takes them.
    fn write_out(&mut self, config: &WebSocketConfig, now: Instant, cx: &mut Context<'_>) -> io::Result<()> {
        // Behind our close frame the connection ends at once if the peer's input is over already.
        let is_last = self.input_over && !self.close_handshake.admits_frames();
        while !self.send_buffer.is_empty() {
            let Poll::Ready(written) = self.transport.poll_write(cx, &self.send_buffer, is_last) else {
                return Ok(());
            };
            let n = written?;
            let written = self.send_buffer.advance(n);
            self.metrics.wrote(n);
            self.metrics.sent(written.messages + written.broadcasts);
            self.unflushed.get_or_insert_default().add(written);
            self.last_write = now;
            self.keepalive.sent(now);
            if !self.send_buffer.is_empty() {
                // The peer takes bytes, so it is alive. Our ping may still be queued behind them.
                self.keepalive.progress(config.keepalive_times(), now);
            }
        }
        self.pongs = 0;
        Ok(())
    }

    /// Fetches what senders have queued, unless frames are still being written.
    pub(super) fn fetch(&mut self, state: &mut ConnectionState, now: Instant) {
        // The queue's buffer is swapped against this one, which must be empty. So a pong goes
        // behind what is being written, but ahead of what is queued.
        if self.is_writing() {
            return;
        }
        if state.fetch(&mut self.send_buffer) {
            self.last_write = now;
            self.is_fetched = true;
            if let Some(compressor) = &mut self.compressor
                && state.send_queue.take_context_break()
            {
                compressor.forget_context();
            }
        }
        if state.send_queue.is_closing() {
            self.close_handshake.fetch(now);
        }
    }

    /// Answers a ping ahead of queued messages, unless our close frame may be out already.
    pub(super) fn pong(&mut self, payload: &[u8], now: Instant) {
        if self.close_handshake.admits_frames() {
            self.push_control(Control::Pong, payload, now);
            self.pongs += 1;
        }
    }

    pub(super) fn push_control(&mut self, control: Control, payload: &[u8], now: Instant) {
        if self.send_buffer.is_empty() {
            // Nothing waited for the transport until now: the write stall timeout begins here.
            self.last_write = now;
        }
        self.send_buffer.push_control(control, payload);
    }

    /// Fetches queued frames, and notes what the handler is at. While the peer waits
    /// for a reply it is not idle.
    pub(super) fn fetch_replies(&mut self, state: &mut ConnectionState, now: Instant) {
        self.fetch(state, now);
        let handler_progress = state.recv_queue.handler_progress;
        if self.handler_progress.is_in_call() && !handler_progress.is_in_call() {
            self.last_data = now;
            self.next_silence_check = None;
        }
        self.handler_progress = handler_progress;
    }
}
