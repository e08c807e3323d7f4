//! Compression of fetched messages, in the order of the queue.

use std::cell::Cell;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    super::frame_tally::{FrameKind, Written},
    SendBuffer, UNCOPIED,
};
use crate::{
    compression::{CompressionRule, Compressor},
    protocol::{BINARY, COMPRESSED, TEXT, frame_lengths, is_text, push_compressed_header},
};

/// Most memory that a thread keeps for the next buffer.
const RETAINED: usize = 64 << 10;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl SendBuffer {
    /// Compresses the messages of senders, unless that makes them longer. Returns the room that
    /// this frees: as if so much had been written.
    ///
    /// Nothing of it may be written yet but for a broadcast, which others may have begun to write:
    /// then everything is left as it is.
    pub(crate) fn compress(&mut self, rule: CompressionRule, compressor: &mut Compressor) -> Written {
        if self.single_broadcast.is_some() || self.tally.begun() > 0 || self.written > 0 {
            return Written::default();
        }
        let compressed = Self { open: SPARE.take(), last_burst: self.last_burst, ..Self::default() };
        let mut queued = Frames::of(std::mem::replace(self, compressed));
        let mut freed = Written::default();
        while let Some((kind, frame)) = queued.next() {
            let is_text = is_text(frame.head);
            match (kind, is_text) {
                (FrameKind::Message, Some(is_text)) => {
                    let opcode = if is_text { TEXT } else { BINARY };
                    compressor.compress(rule, is_text, frame.payload, |compressed| match compressed {
                        Some(payload) => {
                            freed.bytes += frame.len() - self.push_compressed(opcode, payload);
                        }
                        None => self.push_again(kind, &frame),
                    });
                }
                _ => {
                    if kind == FrameKind::Broadcast && is_compressed(frame.head) {
                        compressor.forget_context();
                    }
                    self.push_again(kind, &frame);
                }
            }
        }
        queued.recycle();
        freed
    }

    /// Appends a message that is compressed. Returns the size of its frame.
    fn push_compressed(&mut self, opcode: OpCode, payload: &[u8]) -> usize {
        let before = self.open.len();
        push_compressed_header(&mut self.open, opcode, payload.len());
        self.open.extend_from_slice(payload);
        let bytes = self.open.len() - before;
        self.tally.push(FrameKind::Message, bytes);
        self.len += bytes;
        bytes
    }

    /// Appends a frame as it was queued.
    fn push_again(&mut self, kind: FrameKind, frame: &QueuedFrame<'_>) {
        self.open.extend_from_slice(frame.head);
        match &frame.shared {
            Some(payload) if payload.len() >= UNCOPIED => self.push_piece(payload.clone()),
            _ => self.open.extend_from_slice(frame.payload),
        }
        self.tally.push(kind, frame.len());
        self.len += frame.len();
    }
}

fn is_compressed(head: &[u8]) -> bool {
    head.first().is_some_and(|first| first & COMPRESSED != 0)
}

/// Frames of a buffer, one after the other.
struct Frames {
    buffer: SendBuffer,
    /// Place of the next frame: the number of its piece, where the run is the last one, and the
    /// bytes before it.
    piece: usize,
    at: usize,
}

/// Frame of a buffer, without a copy.
struct QueuedFrame<'a> {
    head: &'a [u8],
    payload: &'a [u8],
    /// The payload, if it is large and was not copied.
    shared: Option<Bytes>,
}

impl Frames {
    fn of(buffer: SendBuffer) -> Self {
        Self { buffer, piece: 0, at: 0 }
    }

    fn next(&mut self) -> Option<(FrameKind, QueuedFrame<'_>)> {
        let kind = self.buffer.tally.pop()?;
        if self.at == self.piece(self.piece).len() {
            (self.piece, self.at) = (self.piece + 1, 0);
        }
        let (piece, at) = (self.piece, self.at);
        let (header, length) = frame_lengths(&self.piece(piece)[at..]);
        let begin = at + header;
        // A payload that was not copied is the piece behind its header.
        let is_apart = begin == self.piece(piece).len() && length > 0;
        let place = if is_apart { (piece + 1, 0..length) } else { (piece, begin..begin + length) };
        (self.piece, self.at) = (place.0, place.1.end);
        let shared = (length >= UNCOPIED).then(|| self.buffer.pieces.get(place.0)).flatten();
        let frame = QueuedFrame {
            head: &self.piece(piece)[at..begin],
            shared: shared.map(|piece| piece.slice(place.1.clone())),
            payload: &self.piece(place.0)[place.1],
        };
        Some((kind, frame))
    }

    fn piece(&self, number: usize) -> &[u8] {
        self.buffer.pieces.get(number).map_or(&self.buffer.open, |piece| piece)
    }

    /// Keeps the memory for the next buffer of this thread.
    fn recycle(self) {
        let mut memory = self.buffer.open;
        if memory.capacity() <= RETAINED {
            memory.clear();
            let _ = SPARE.try_with(|spare| spare.set(memory));
        }
    }
}

impl QueuedFrame<'_> {
    fn len(&self) -> usize {
        self.head.len() + self.payload.len()
    }
}
