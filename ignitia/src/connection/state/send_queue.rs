use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    backlog::Allowance,
    send_buffer::{SendBuffer, Written},
};
use crate::{close::CloseFrame, connection::config::WebSocketConfig, message::Payload};

/// The bounded send queue: what senders have put in and the kernel has not taken yet. In the order of use.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SendQueue {
    /// A close frame is the last in the queue: nothing goes behind it.
    closing: bool,
    /// Broadcasts and their bytes that are not written, those that the task has fetched included.
    broadcasts: usize,
    broadcast_bytes: usize,
    /// Running numbers of messages, for `flush`.
    accepted: u64,
    written: u64,
    /// Frames that the connection task has not fetched yet.
    frames: SendBuffer,
    /// Messages of senders and their bytes that are not written.
    messages: usize,
    bytes: usize,
    max_bytes: usize,
    max_messages: usize,
}

impl SendQueue {
    pub(crate) fn new(config: &WebSocketConfig) -> Self {
        Self {
            frames: SendBuffer::default(),
            bytes: 0,
            messages: 0,
            broadcast_bytes: 0,
            broadcasts: 0,
            max_bytes: config.outbox_bytes,
            max_messages: config.outbox_messages.max(1),
            accepted: 0,
            written: 0,
            closing: false,
        }
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether a payload of this length may be queued now. An empty queue admits anything.
    pub(crate) fn has_room(&self, length: usize) -> bool {
        self.messages == 0
            || self.messages < self.max_messages && self.bytes.saturating_add(length) <= self.max_bytes
    }

    /// Whether a broadcast may be queued now. Broadcasts have limits of their own, the same again: a handler that fills
    /// the queue must not make its peer deaf to its rooms. `share` is what they may take of them, in bytes.
    pub(crate) fn admits_broadcast(&self, length: usize, share: usize) -> bool {
        let max_bytes = self.max_bytes.min(share);
        self.broadcasts == 0
            || self.broadcasts < self.max_messages && self.broadcast_bytes.saturating_add(length) <= max_bytes
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// What a burst may still add, in and beside the outbox, if it may have so many times what the outbox holds.
    pub(crate) fn left_of_burst(&self, times: usize) -> Allowance {
        Allowance {
            messages: self.max_messages.saturating_mul(times).saturating_sub(self.broadcasts),
            bytes: self.max_bytes.saturating_mul(times).saturating_sub(self.broadcast_bytes),
        }
    }

    pub(crate) fn push_encoded(&mut self, frame: &Bytes) {
        debug_assert!(!self.closing);
        self.broadcast_bytes += self.frames.push_encoded(frame);
        self.broadcasts += 1;
        self.accepted += 1;
    }

    pub(crate) fn push(&mut self, opcode: OpCode, payload: &Payload<'_>) {
        debug_assert!(!self.closing);
        self.bytes += self.frames.push_message(opcode, payload);
        self.messages += 1;
        self.accepted += 1;
    }

    /// Puts the close frame behind everything that was accepted.
    pub(crate) fn queue_close(&mut self, frame: Option<&CloseFrame>) {
        debug_assert!(!self.closing);
        self.closing = true;
        self.frames.push_close(frame);
    }

    /// Moves the queued frames into an empty buffer; `true` if there were any.
    pub(crate) fn fetch(&mut self, empty: &mut SendBuffer) -> bool {
        if self.frames.is_empty() {
            return false;
        }
        self.frames.move_into(empty);
        true
    }

    /// Makes room: these were written.
    pub(crate) fn release(&mut self, written: Written) {
        self.bytes -= written.bytes;
        self.messages -= written.messages;
        self.broadcast_bytes -= written.broadcast_bytes;
        self.broadcasts -= written.broadcasts;
        self.written += (written.messages + written.broadcasts) as u64;
    }

    /// Messages that never got out as a whole.
    pub(crate) fn unsent(&self) -> usize {
        self.messages + self.broadcasts
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.accepted
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Gives back what a burst took.
    pub(crate) fn shrink(&mut self) {
        self.frames.shrink();
    }

    /// Hands out what is queued, to be dropped where nothing is locked: the transport is gone.
    pub(crate) fn discard(&mut self) -> SendBuffer {
        self.closing = true;
        std::mem::take(&mut self.frames)
    }
}
