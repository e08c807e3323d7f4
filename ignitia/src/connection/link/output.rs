//! From the outbox's frames to the transport's bytes.

use std::{
    io,
    task::{Context, Poll},
    time::Instant,
};

use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

use super::{super::state::Shared, Link, READS};

impl Link {
    /// Writes all that is queued and flushes it; `true` if the handler waited for room or for a flush.
    pub(super) fn write(&mut self, shared: &Shared, now: Instant, cx: &mut Context<'_>) -> io::Result<bool> {
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
            match self.transport.poll_write(cx, &self.wire) {
                Poll::Pending => break,
                Poll::Ready(written) => {
                    let written = self.wire.advance(written?);
                    self.unflushed.get_or_insert_default().add(written);
                    self.last_write = now;
                    if !self.wire.is_empty() {
                        // The peer takes bytes: it is alive, and our ping may still be behind them.
                        self.keepalive.progress(now);
                    }
                }
            }
        }
        let Some(written) = self.unflushed else { return Ok(more) };
        match self.transport.poll_flush(cx) {
            Poll::Pending => return Ok(more),
            Poll::Ready(flushed) => flushed?,
        }
        self.unflushed = None;
        if self.wire.is_empty() {
            self.closing.flushed(now);
        }
        Ok(shared.with(|state, deferred| {
            state.outbox.release(written);
            let refilled = state.refill();
            state.release_senders(deferred) || refilled || more
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
            self.closing.fetch(now);
        }
        fetched
    }

    /// Answers a ping ahead of what is queued, unless our close frame may be out already.
    pub(super) fn pong(&mut self, payload: &[u8], now: Instant) {
        if self.closing.admits_frames() {
            self.push_control(Control::Pong, payload, now);
            self.pongs += 1;
        }
    }

    pub(super) fn push_control(&mut self, control: Control, payload: &[u8], now: Instant) {
        if self.wire.is_empty() {
            // Nothing has waited so far.
            self.last_write = now;
        }
        self.wire.push_control(control, payload);
    }
}
