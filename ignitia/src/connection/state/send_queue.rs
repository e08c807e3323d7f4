use super::{
    backlog::Allowance, frame_tally::Written, message_kind::MessageKind, send_buffer::SendBuffer,
    shared_frame::SharedFrame,
};
use crate::{
    close::CloseFrame, compression::CompressionRule, connection::config::WebSocketConfig, message::Payload,
    protocol::PING,
};

/// Bounded queue of outgoing frames: those that senders have queued and the kernel has not taken
/// yet. A full queue makes `send` wait: that is the backpressure on senders.
///
/// The fields are in the order of use.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SendQueue {
    /// True once the close frame is queued: nothing may follow it.
    closing: bool,
    /// True once a sender has queued a ping, which the peer may answer at any time.
    pinged: bool,
    /// True if a compressed broadcast was queued since the last fetch. Whoever writes it, messages
    /// behind it must not refer to those before it.
    breaks_context: bool,
    /// Number and bytes of unwritten broadcasts, those included that the task has fetched.
    broadcasts: usize,
    broadcast_bytes: usize,
    /// Running counts of messages, for `flush`.
    accepted: u64,
    written: u64,
    /// Frames that the connection task has not fetched yet.
    frames: SendBuffer,
    /// Number and bytes of unwritten messages of senders.
    messages: usize,
    bytes: usize,
    max_bytes: usize,
    max_messages: usize,
    /// Rule for compression, if it was agreed on: it decides on the form of broadcasts.
    compression: Option<CompressionRule>,
    /// Bytes that the compression of broadcasts has spared since the metrics last took them.
    spared: usize,
}

impl SendQueue {
    pub(crate) fn new(config: &WebSocketConfig, compression: Option<CompressionRule>) -> Self {
        Self {
            closing: false,
            pinged: false,
            breaks_context: false,
            broadcasts: 0,
            broadcast_bytes: 0,
            accepted: 0,
            written: 0,
            frames: SendBuffer::default(),
            messages: 0,
            bytes: 0,
            max_bytes: config.outbox_bytes,
            max_messages: config.outbox_messages.max(1),
            compression,
            spared: 0,
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Returns `true` once a sender has queued a ping.
    pub(crate) fn has_pinged(&self) -> bool {
        self.pinged
    }

    /// Returns `true` if a payload of this length may be queued now. An empty queue admits any.
    pub(crate) fn has_room(&self, length: usize) -> bool {
        self.messages == 0
            || self.messages < self.max_messages && self.bytes.saturating_add(length) <= self.max_bytes
    }

    /// Returns `true` if a broadcast may be queued now. Broadcasts have limits of their own, of the
    /// same size: a handler that fills the queue must not cut its peer off from its rooms. `share`
    /// is the most bytes that broadcasts may take.
    #[inline]
    pub(crate) fn admits_broadcast(&self, length: usize, share: usize) -> bool {
        let max_bytes = self.max_bytes.min(share);
        self.broadcasts == 0
            || self.broadcasts < self.max_messages && self.broadcast_bytes.saturating_add(length) <= max_bytes
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Returns what a burst may still add, in and beside the queue, if it may have `times` its
    /// limits.
    pub(crate) fn left_of_burst(&self, times: usize) -> Allowance {
        Allowance {
            messages: self.max_messages.saturating_mul(times).saturating_sub(self.broadcasts),
            bytes: self.max_bytes.saturating_mul(times).saturating_sub(self.broadcast_bytes),
        }
    }

    /// Appends a broadcast, in the form that the peer has agreed on.
    #[inline]
    pub(crate) fn push_frame(&mut self, frame: &SharedFrame) {
        debug_assert!(!self.closing);
        let form = match &self.compression {
            None => frame.plain(),
            Some(rule) => {
                let form = frame.form(rule);
                // A compressed form is always the shorter one.
                let spared = frame.len() - form.len();
                self.breaks_context |= spared > 0;
                self.spared += spared;
                form
            }
        };
        self.broadcast_bytes += self.frames.push_frame(form);
        self.broadcasts += 1;
        self.accepted += 1;
    }

    /// Appends a message of a sender. The task compresses it, unless its kind is not to be.
    pub(crate) fn push(&mut self, kind: MessageKind, payload: &Payload<'_>) {
        debug_assert!(!self.closing);
        self.bytes += self.frames.push_message(kind, payload);
        self.pinged |= kind.opcode == PING;
        self.messages += 1;
        self.accepted += 1;
    }

    /// Appends the close frame behind everything that was accepted.
    pub(crate) fn queue_close(&mut self, frame: Option<&CloseFrame>) {
        debug_assert!(!self.closing);
        self.closing = true;
        self.frames.push_close(frame);
    }

    /// Moves the queued frames into an empty buffer. Returns `true` if there were any.
    #[inline]
    pub(crate) fn fetch(&mut self, empty: &mut SendBuffer) -> bool {
        if self.frames.is_empty() {
            return false;
        }
        self.frames.move_into(empty);
        true
    }

    /// Returns `true` if frames wait for the task to compress them.
    pub(super) fn awaits_compression(&self) -> bool {
        self.compression.is_some() && self.messages > 0
    }

    /// Returns `true` if a compressed broadcast was queued since the last call.
    pub(crate) fn take_context_break(&mut self) -> bool {
        std::mem::take(&mut self.breaks_context)
    }

    /// Returns the number of bytes that the compression of broadcasts has spared since the last
    /// call.
    pub(super) fn take_spared(&mut self) -> usize {
        std::mem::take(&mut self.spared)
    }

    /// Returns the first piece of the queued frames.
    pub(super) fn first(&self) -> &[u8] {
        self.frames.first()
    }

    /// Returns `true` if no frames are queued: the task has fetched them, or they are written.
    pub(super) fn is_fetched(&self) -> bool {
        self.frames.is_empty()
    }

    /// Removes the first `n` bytes of the queued frames: they are written.
    pub(super) fn advance(&mut self, n: usize) -> Written {
        let written = self.frames.advance(n);
        // The task, which would do it, is not polled.
        self.frames.shrink();
        self.release(written);
        written
    }

    /// Frees the room of frames that were written.
    pub(crate) fn release(&mut self, written: Written) {
        self.bytes -= written.bytes;
        self.messages -= written.messages;
        self.broadcast_bytes -= written.broadcast_bytes;
        self.broadcasts -= written.broadcasts;
        self.written += (written.messages + written.broadcasts) as u64;
    }

    /// Returns the number of messages that were not written completely.
    pub(crate) fn unsent(&self) -> usize {
        self.messages + self.broadcasts
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Releases the memory that a burst took.
    pub(crate) fn shrink(&mut self) {
        self.frames.shrink();
    }

    /// Returns the queued frames, to be dropped after the unlock: the transport is gone.
    pub(crate) fn discard(&mut self) -> SendBuffer {
        self.closing = true;
        std::mem::take(&mut self.frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(
            SendQueue:
            closing, pinged, breaks_context, broadcasts, broadcast_bytes, accepted, written, frames, messages,
            bytes, max_bytes, max_messages, compression, spared
        );
    }
}
