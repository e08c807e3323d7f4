//! Outgoing frames as bytes, in wire order.

mod compression;

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

use super::{
    frame_tally::{FrameKind, FrameTally, Written},
    lazy_queue::LazyQueue,
    message_kind::MessageKind,
};
use crate::{
    close::CloseFrame,
    message::Payload,
    protocol::{frame_lengths, push_header},
};

/// Size from which on a payload is not copied behind its header, but written from its own memory.
pub(crate) const UNCOPIED: usize = 16 << 10;

/// Size from which on a frame that was encoded elsewhere is not copied, unless a run is open:
/// sharing one costs no allocation.
const UNCOPIED_ENCODED: usize = 512;

/// Size at which a run fills a write by itself: copying more into it spares nothing.
const RUN: usize = 64 << 10;

/// Capacity that an empty buffer keeps for the next frame. More goes back to the allocator.
const RETAINED: usize = 2 << 10;

/// Capacity of each of its queues that it keeps.
const RETAINED_ENTRIES: usize = 8;

/// Most pieces of one vectored write.
pub(crate) const SLICES: usize = 64;

/// Encoded frames that wait to be written. Small frames are packed into one run of bytes, so that a
/// burst is one write.
///
/// The fields are in the order of use: a single broadcast touches only the first ones.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct SendBuffer {
    len: usize,
    /// Unwritten rest of a broadcast that is the only frame.
    single_broadcast: Option<Bytes>,
    /// Run that frames are appended to. Its first `written` bytes are written.
    open: Vec<u8>,
    written: usize,
    /// Frames in the pieces and the run.
    tally: FrameTally,
    /// Finished pieces, in front of `open`.
    pieces: LazyQueue<Bytes>,
    /// Bytes of the last burst that was moved on. The next one gets its memory at once, for it
    /// probably is as large.
    last_burst: usize,
}

impl SendBuffer {
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of bytes left to write.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Appends a message as one frame. Returns its size in bytes.
    pub(crate) fn push_message(&mut self, kind: MessageKind, payload: &Payload<'_>) -> usize {
        let MessageKind { opcode, is_uncompressed } = kind;
        // Without the feature all messages are of one kind.
        let is_uncompressed = is_uncompressed && cfg!(feature = "compression");
        let kind = if is_uncompressed { FrameKind::Uncompressed } else { FrameKind::Message };
        self.push(opcode, payload, kind)
    }

    /// Appends a message that was encoded elsewhere. Returns its size in bytes.
    #[inline]
    pub(crate) fn push_frame(&mut self, frame: &Bytes) -> usize {
        if self.is_empty() {
            self.single_broadcast = Some(frame.clone());
        } else {
            self.join_single_broadcast();
            self.push_broadcast(frame);
        }
        self.len += frame.len();
        frame.len()
    }

    #[inline]
    fn push_broadcast(&mut self, frame: &Bytes) {
        let is_run = !self.open.is_empty() && self.len < RUN;
        let uncopied = if is_run { UNCOPIED } else { UNCOPIED_ENCODED };
        if frame.len() < uncopied {
            self.open.extend_from_slice(frame);
        } else {
            self.push_piece(frame.clone());
        }
        self.tally.push(FrameKind::Broadcast, frame.len());
    }

    /// Turns a broadcast that was the only frame into the first of several.
    #[inline]
    fn join_single_broadcast(&mut self) {
        if let Some(single_broadcast) = self.single_broadcast.take() {
            self.push_first_broadcast(&single_broadcast);
        }
    }

    // Rare, and too long to stand in every push.
    #[inline(never)]
    fn push_first_broadcast(&mut self, frame: &Bytes) {
        self.push_broadcast(frame);
    }

    /// Appends a frame that no sender waits for.
    pub(crate) fn push_control(&mut self, control: Control, payload: &[u8]) {
        self.push(OpCode::Control(control), &Payload::Borrowed(payload), FrameKind::Control);
    }

    /// Appends a close frame; `None` is one without a code.
    pub(crate) fn push_close(&mut self, frame: Option<&CloseFrame>) {
        let mut payload = Vec::new();
        if let Some(frame) = frame {
            payload.extend_from_slice(&frame.code.to_be_bytes());
            payload.extend_from_slice(frame.reason_on_the_wire().as_bytes());
        }
        self.push_control(Control::Close, &payload);
    }

    fn push(&mut self, opcode: OpCode, payload: &Payload<'_>, kind: FrameKind) -> usize {
        self.join_single_broadcast();
        let content = payload.as_ref();
        let length = content.len();
        // Only at the beginning of a burst of small frames: a run that ends at an uncopied payload
        // keeps all its memory until it is written.
        if self.open.capacity() == 0 && self.is_empty() && length < UNCOPIED {
            self.reserve_memory();
        }
        let before = self.open.len();
        push_header(&mut self.open, opcode, length);
        let bytes = self.open.len() - before + length;
        if length < UNCOPIED {
            self.open.extend_from_slice(content);
        } else {
            self.push_piece(payload.to_bytes());
        }
        self.tally.push(kind, bytes);
        self.len += bytes;
        bytes
    }

    /// Appends a piece that is not copied.
    fn push_piece(&mut self, piece: Bytes) {
        if !self.open.is_empty() {
            let run = Bytes::from(std::mem::take(&mut self.open));
            self.pieces.push_back(run.slice(std::mem::take(&mut self.written)..));
        }
        self.pieces.push_back(piece);
    }

    /// Moves everything into an empty buffer, whose capacity serves the next frames in turn: no
    /// allocation per burst.
    #[inline]
    pub(crate) fn move_into(&mut self, empty: &mut Self) {
        debug_assert!(empty.is_empty());
        if let Some(single_broadcast) = self.single_broadcast.take() {
            empty.single_broadcast = Some(single_broadcast);
            empty.tally.begin(self.tally.begun());
            self.tally.begin(0);
            empty.len = std::mem::take(&mut self.len);
        } else if self.pieces.is_empty() && self.written == 0 {
            // One run, as nearly always: the rest of both buffers is the same.
            empty.len = std::mem::take(&mut self.len);
            self.last_burst = self.open.len().min(RUN);
            std::mem::swap(&mut self.tally, &mut empty.tally);
            std::mem::swap(&mut self.open, &mut empty.open);
        } else {
            std::mem::swap(self, empty);
        }
    }

    /// Returns the next piece to write.
    pub(crate) fn first(&self) -> &[u8] {
        match (&self.single_broadcast, self.pieces.front()) {
            (Some(single_broadcast), _) => single_broadcast,
            (None, Some(piece)) => piece,
            (None, None) => &self.open[self.written..],
        }
    }

    /// Returns `true` if there is nothing behind the first piece.
    pub(crate) fn is_one_piece(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Fills the slices with the next pieces to write. Returns the number of slices filled.
    pub(crate) fn fill<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        if self.is_one_piece() {
            slices[0] = IoSlice::new(self.first());
            return usize::from(!self.is_empty());
        }
        let run = &self.open[self.written..];
        let pieces = self.pieces.iter().map(|piece| &piece[..]).chain((!run.is_empty()).then_some(run));
        let mut filled = 0;
        for (slot, piece) in slices.iter_mut().zip(pieces) {
            *slot = IoSlice::new(piece);
            filled += 1;
        }
        filled
    }

    /// Removes the first `n` bytes: they are written.
    #[inline]
    pub(crate) fn advance(&mut self, n: usize) -> Written {
        self.len -= n;
        if let Some(single_broadcast) = &mut self.single_broadcast {
            let is_whole = n == single_broadcast.len();
            self.tally.begin(self.len);
            if is_whole {
                self.single_broadcast = None;
            } else {
                *single_broadcast = single_broadcast.slice(n..);
            }
            let broadcasts = usize::from(is_whole);
            return Written { broadcasts, broadcast_bytes: n, ..Written::default() };
        }
        if self.len == 0 {
            self.open.clear();
            self.written = 0;
            self.pieces.clear();
            return self.tally.take_all();
        }
        self.advance_in_part(n)
    }

    fn advance_in_part(&mut self, n: usize) -> Written {
        let (pieces, run) = (&self.pieces, &self.open[self.written..]);
        let written = self.tally.take(n, |position| {
            let (header, payload) = frame_lengths(bytes_at(pieces, run, position));
            header + payload
        });
        let mut left = n;
        while left > 0
            && let Some(piece) = self.pieces.front_mut()
        {
            if piece.len() > left {
                *piece = piece.slice(left..);
                left = 0;
            } else {
                left -= piece.len();
                self.pieces.pop_front();
            }
        }
        self.written += left;
        if self.written == self.open.len() {
            self.open.clear();
            self.written = 0;
        }
        written
    }

    /// Releases the memory that a burst took. Called when nothing is left to write.
    #[inline]
    pub(crate) fn shrink(&mut self) {
        let is_large = self.open.capacity() > RETAINED
            || self.pieces.capacity().max(self.tally.capacity()) > RETAINED_ENTRIES;
        if is_large && self.is_empty() {
            self.release_memory();
        }
    }

    #[cold]
    fn release_memory(&mut self) {
        *self = Self { last_burst: self.last_burst, ..Self::default() };
    }

    /// Allocates as much as the last burst needed.
    #[cold]
    fn reserve_memory(&mut self) {
        self.open.reserve(self.last_burst);
    }
}

/// Returns the unwritten bytes from a position on, to the end of their piece.
fn bytes_at<'a>(pieces: &'a VecDeque<Bytes>, run: &'a [u8], mut position: usize) -> &'a [u8] {
    for piece in pieces {
        if position < piece.len() {
            return &piece[position..];
        }
        position -= piece.len();
    }
    &run[position..]
}

#[cfg(test)]
mod tests {
    use std::mem::take;

    use super::*;
    use crate::protocol::{BINARY, TEXT, encode};

    fn drain(frames: &mut SendBuffer, step: usize) -> (Vec<u8>, usize) {
        let (mut bytes, mut messages) = (Vec::new(), 0);
        while !frames.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = frames.fill(&mut slices);
            let piece: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.iter().copied()).collect();
            let n = step.min(piece.len());
            bytes.extend_from_slice(&piece[..n]);
            messages += frames.advance(n).messages;
        }
        (bytes, messages)
    }

    #[test]
    fn bytes_come_out_in_order_whatever_the_write_sizes() {
        let large = Bytes::from(vec![b'x'; UNCOPIED]);
        for step in [1, 3, 1_000, usize::MAX] {
            let mut frames = SendBuffer::default();
            frames.push_message(TEXT.into(), &Payload::Borrowed(b"hi"));
            frames.push_message(BINARY.into(), &Payload::Shared(large.clone()));
            frames.push_control(Control::Pong, b"p");
            frames.push_message(TEXT.into(), &Payload::Borrowed(b""));
            assert_eq!(frames.len(), 4 + 4 + UNCOPIED + 3 + 2);
            let mut expected = b"\x81\x02hi\x82\x7e\x40\x00".to_vec();
            expected.extend_from_slice(&large);
            expected.extend_from_slice(b"\x8a\x01p\x81\x00");
            let (bytes, messages) = drain(&mut frames, step);
            assert!(bytes == expected, "steps of {step}");
            assert_eq!(messages, 3);
        }
    }

    #[test]
    fn a_lone_broadcast_is_counted_whatever_comes_behind_it_and_when() {
        let broadcast = encode(TEXT, &[b'x'; 98]);
        for (begun, behind) in [(0, 0), (1, 0), (99, 0), (0, 1), (1, 1), (99, 1), (40, 3)] {
            let mut frames = SendBuffer::default();
            frames.push_frame(&broadcast);
            let mut written = frames.advance(begun);
            for _ in 0..behind {
                frames.push_frame(&broadcast);
                frames.push_control(Control::Ping, b"p");
            }
            let (mut bytes, mut moved) = (broadcast[..begun].to_vec(), SendBuffer::default());
            frames.move_into(&mut moved);
            assert!(frames.is_empty() && frames.first().is_empty());
            while !moved.is_empty() {
                let n = moved.first().len().min(7);
                bytes.extend_from_slice(&moved.first()[..n]);
                written.add(moved.advance(n));
            }
            let expected = [&broadcast[..], &[&broadcast[..], b"\x89\x01p"].concat().repeat(behind)].concat();
            assert!(bytes == expected, "{behind} behind {begun} bytes");
            assert_eq!((written.broadcasts, written.broadcast_bytes), (1 + behind, 100 * (1 + behind)));
            assert_eq!((written.messages, written.bytes), (0, 0));
        }
    }

    #[test]
    fn a_message_that_is_half_written_is_unsent() {
        let mut frames = SendBuffer::default();
        frames.push_message(TEXT.into(), &Payload::Borrowed(b"abc"));
        frames.push_message(TEXT.into(), &Payload::Borrowed(b"def"));
        let written = frames.advance(7);
        assert_eq!((written.messages, written.bytes), (1, 7));
    }

    #[test]
    fn a_burst_is_given_back() {
        let mut frames = SendBuffer::default();
        for _ in 0..1_000 {
            frames.push_message(TEXT.into(), &Payload::Borrowed(&[b'x'; 100]));
        }
        let all = frames.len();
        frames.advance(all);
        frames.shrink();
        assert!(frames.open.capacity() <= RETAINED);
    }

    #[test]
    fn what_a_burst_of_frames_of_two_kinds_took_is_given_back() {
        let mut frames = SendBuffer::default();
        let broadcast = encode(TEXT, b"");
        for _ in 0..500 {
            frames.push_message(TEXT.into(), &Payload::Borrowed(b""));
            frames.push_frame(&broadcast);
        }
        frames.advance(frames.len());
        frames.shrink();
        assert!(frames.tally.capacity() <= RETAINED_ENTRIES, "{}", frames.tally.capacity());
    }

    #[test]
    fn a_header_before_its_payload_takes_little_memory_whatever_the_last_burst() {
        let (mut frames, mut moved) = (SendBuffer::default(), SendBuffer::default());
        while frames.len() < RUN {
            frames.push_message(TEXT.into(), &Payload::Borrowed(&[b'x'; 100]));
        }
        frames.move_into(&mut moved);
        let large = Bytes::from(vec![b'x'; UNCOPIED]);
        for _ in 0..4 {
            frames.push_message(BINARY.into(), &Payload::Shared(large.clone()));
        }
        drop(large);
        let capacity = |piece: Bytes| piece.try_into_mut().map_or(0, |memory| memory.capacity());
        let capacities: Vec<_> = std::iter::from_fn(|| frames.pieces.pop_front()).map(capacity).collect();
        assert!(capacities.iter().sum::<usize>() < 2 * 4 * UNCOPIED, "{capacities:?}");
    }

    /// A buffer, with the kind and the unwritten bytes of each frame, and with all its bytes.
    #[derive(Default)]
    struct Traced {
        buffer: SendBuffer,
        frames: VecDeque<(FrameKind, usize)>,
        bytes: VecDeque<u8>,
    }

    impl Traced {
        fn push(&mut self, kind: FrameKind, payload: Vec<u8>) {
            let ping = OpCode::Control(Control::Ping);
            let frame = encode(if kind == FrameKind::Control { ping } else { BINARY }, &payload);
            match kind {
                FrameKind::Message => drop(self.buffer.push_message(BINARY.into(), &Payload::Vec(payload))),
                FrameKind::Uncompressed => {
                    let kind = MessageKind { opcode: BINARY, is_uncompressed: true };
                    self.buffer.push_message(kind, &Payload::Vec(payload));
                }
                FrameKind::Broadcast => drop(self.buffer.push_frame(&frame)),
                FrameKind::Control => self.buffer.push_control(Control::Ping, &payload),
            }
            self.frames.push_back((kind, frame.len()));
            self.bytes.extend(frame);
        }

        fn write(&mut self, n: usize) {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = self.buffer.fill(&mut slices);
            let unwritten = slices[..filled].iter().flat_map(|piece| piece.iter().copied());
            assert!(unwritten.take(n).eq(self.bytes.drain(..n)));
            let (mut expected, mut left) = (Written::default(), n);
            while left > 0 {
                let (kind, unwritten) = self.frames.front_mut().expect("the bytes are of a frame");
                let bytes = left.min(*unwritten);
                let is_whole = bytes == *unwritten;
                (left, *unwritten) = (left - bytes, *unwritten - bytes);
                let (messages, broadcasts) = match kind {
                    FrameKind::Message | FrameKind::Uncompressed => (usize::from(is_whole), 0),
                    FrameKind::Broadcast => (0, usize::from(is_whole)),
                    FrameKind::Control => (0, 0),
                };
                let of = |wanted: &[FrameKind]| if wanted.contains(kind) { bytes } else { 0 };
                let of_senders = of(&[FrameKind::Message, FrameKind::Uncompressed]);
                let (bytes, broadcast_bytes) = (of_senders, of(&[FrameKind::Broadcast]));
                expected.add(Written { messages, bytes, broadcasts, broadcast_bytes });
                if is_whole {
                    self.frames.pop_front();
                }
            }
            assert_eq!(self.buffer.advance(n), expected);
            assert_eq!(self.buffer.len(), self.bytes.len());
        }
    }

    #[test]
    fn what_a_write_completes_is_told_whatever_came_before() {
        let mut seed = 1_u64;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..200 {
            let (mut queued, mut fetched) = (Traced::default(), Traced::default());
            for _ in 0..40 {
                if fetched.buffer.is_empty() && random(2) == 0 {
                    queued.buffer.move_into(&mut fetched.buffer);
                    (fetched.frames, fetched.bytes) = (take(&mut queued.frames), take(&mut queued.bytes));
                }
                let payload = vec![random(256) as u8; [0, 1, 125, 126, 700, UNCOPIED, 70_000][random(7)]];
                match random(7) {
                    0 | 1 => queued.push(FrameKind::Message, payload),
                    6 => queued.push(FrameKind::Uncompressed, payload),
                    2 | 3 => queued.push(FrameKind::Broadcast, payload),
                    // The task's own frames go behind what it has fetched.
                    4 => fetched.push(FrameKind::Control, vec![b'p'; payload.len().min(125)]),
                    _ => {}
                }
                // Direct writes come only while the task has fetched nothing.
                let writing = if fetched.buffer.is_empty() { &mut queued } else { &mut fetched };
                let most = if random(2) == 0 { writing.buffer.first().len() } else { writing.buffer.len() };
                writing.write(random(most + 1));
            }
        }
    }

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(
            SendBuffer:
            len, single_broadcast, open, written, tally, pieces, last_burst
        );
    }
}
