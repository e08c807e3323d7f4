//! Tally of the frames in a send buffer, to know which of them a write has completed.

use super::lazy_queue::LazyQueue;

/// Kind of a frame, by who is told that it was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// Message of a sender, which was told that it is queued.
    #[default]
    Message,
    /// Message of a sender that is not to be compressed.
    Uncompressed,
    /// Message of a room.
    Broadcast,
    /// Control frame of our own.
    Control,
}

/// Totals that a write completed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) messages: usize,
    /// Bytes of messages, whether complete or not.
    pub(crate) bytes: usize,
    /// Number of complete broadcasts.
    pub(crate) broadcasts: usize,
    pub(crate) broadcast_bytes: usize,
}

impl Written {
    pub(crate) fn add(&mut self, more: Self) {
        self.messages += more.messages;
        self.bytes += more.bytes;
        self.broadcasts += more.broadcasts;
        self.broadcast_bytes += more.broadcast_bytes;
    }

    #[inline]
    fn count(&mut self, stretch: Stretch) {
        match stretch.kind {
            FrameKind::Message | FrameKind::Uncompressed => {
                self.messages += stretch.frames;
                self.bytes += stretch.bytes;
            }
            FrameKind::Broadcast => {
                self.broadcasts += stretch.frames;
                self.broadcast_bytes += stretch.bytes;
            }
            FrameKind::Control => {}
        }
    }
}

/// Unwritten frames in wire order. Consecutive ones of a kind are counted together: a frame adds no
/// entry of its own. Where each of them ends is in its header.
#[derive(Debug, Default)]
pub(super) struct FrameTally {
    last: Stretch,
    /// Stretches in front of the last one.
    earlier: LazyQueue<Stretch>,
    /// Unwritten bytes of the first frame, if it is written in part.
    begun: usize,
}

/// Consecutive frames of one kind, with their unwritten bytes.
#[derive(Debug, Default, Clone, Copy)]
struct Stretch {
    kind: FrameKind,
    frames: usize,
    bytes: usize,
}

impl FrameTally {
    /// Appends a frame.
    #[inline]
    pub(super) fn push(&mut self, kind: FrameKind, bytes: usize) {
        if self.last.kind != kind {
            self.begin_stretch(kind);
        }
        self.last.frames += 1;
        self.last.bytes += bytes;
    }

    /// Notes how much is left of the first frame, which may be appended later.
    #[inline]
    pub(super) fn begin(&mut self, unwritten: usize) {
        self.begun = unwritten;
    }

    /// Returns how much is left of the first frame; 0 if nothing of it is written.
    #[inline]
    pub(super) fn begun(&self) -> usize {
        self.begun
    }

    #[inline(never)]
    fn begin_stretch(&mut self, kind: FrameKind) {
        let last = std::mem::replace(&mut self.last, Stretch { kind, ..Stretch::default() });
        if last.frames > 0 {
            self.earlier.push_back(last);
        }
    }

    /// Returns the number of stretches that its memory has room for.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.earlier.capacity()
    }

    /// Removes the first frame, for a tally that is not needed any more: its bytes are not counted.
    /// Returns its kind.
    pub(super) fn pop(&mut self) -> Option<FrameKind> {
        while let Some(first) = self.earlier.front_mut() {
            if first.frames > 0 {
                first.frames -= 1;
                return Some(first.kind);
            }
            self.earlier.pop_front();
        }
        self.last.frames = self.last.frames.checked_sub(1)?;
        Some(self.last.kind)
    }

    /// Removes all frames: everything is written. Returns their totals.
    #[inline]
    pub(super) fn take_all(&mut self) -> Written {
        let mut written = Written::default();
        self.begun = 0;
        self.earlier.iter().for_each(|stretch| written.count(*stretch));
        self.earlier.clear();
        written.count(std::mem::take(&mut self.last));
        written
    }

    /// Removes the first `n` bytes. `frame_at` returns the length of the frame that begins so many
    /// bytes behind the first of them.
    pub(super) fn take(&mut self, n: usize, frame_at: impl Fn(usize) -> usize) -> Written {
        let (mut written, mut taken) = (Written::default(), 0);
        while taken < n {
            let length = if self.begun > 0 { self.begun } else { frame_at(taken) };
            let bytes = length.min(n - taken);
            self.begun = length - bytes;
            taken += bytes;
            let first = self.earlier.front_mut().unwrap_or(&mut self.last);
            let frames = usize::from(self.begun == 0);
            written.count(Stretch { kind: first.kind, frames, bytes });
            first.frames -= frames;
            first.bytes -= bytes;
            if first.frames == 0 {
                self.earlier.pop_front();
            }
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_kinds_are_counted_apart_whatever_the_write_sizes() {
        use FrameKind::{Broadcast, Control, Message};
        let frames = [(Message, 3), (Message, 5), (Control, 2), (Broadcast, 7), (Broadcast, 2), (Message, 4)];
        let starts = |position: usize| {
            let mut start = 0;
            let (_, length) = frames.iter().find(|(_, length)| {
                start += length;
                start - length == position
            })?;
            Some(*length)
        };
        let all = Written { messages: 3, bytes: 12, broadcasts: 2, broadcast_bytes: 9 };
        for step in 1..24 {
            let mut tally = FrameTally::default();
            frames.iter().for_each(|(kind, length)| tally.push(*kind, *length));
            let (mut written, mut position) = (Written::default(), 0);
            while position < 23 {
                let n = step.min(23 - position);
                let taken = tally.take(n, |ahead| starts(position + ahead).expect("a frame starts here"));
                position += n;
                written.add(taken);
                let complete = |kind| {
                    let mut end = 0;
                    frames
                        .iter()
                        .filter(|(of, length)| {
                            end += length;
                            *of == kind && end <= position
                        })
                        .count()
                };
                assert_eq!((written.messages, written.broadcasts), (complete(Message), complete(Broadcast)));
            }
            assert_eq!(written, all, "steps of {step}");
            assert_eq!(tally.take_all(), Written::default());
        }
    }
}
