//! A frame's payload that comes in pieces. Memory grows with the bytes that have arrived, not with those that were
//! announced.

use bytes::{BufMut, buf::Limit};

use crate::protocol::violation::{NOT_UTF_8, ProtocolViolation};

/// A payload of which this many bytes have arrived, with as many to come, is read without a copy.
const LARGE: usize = 64 << 10;

/// What one read may bring of it.
const MAX_READ: usize = 256 << 10;

#[derive(Debug)]
pub(super) enum PayloadBuffer {
    Bytes(Vec<u8>),
    Text(ReceivedText),
}

/// Text is checked as it comes: broken text is noticed at its first broken byte.
#[derive(Debug, Default)]
pub(super) struct ReceivedText {
    text: String,
    /// The beginning of a character.
    cut: Vec<u8>,
}

impl PayloadBuffer {
    /// Appends a piece, behind which `remaining` bytes are still to come.
    pub(super) fn push(&mut self, piece: &[u8], remaining: u64) -> Result<(), ProtocolViolation> {
        match self {
            PayloadBuffer::Bytes(bytes) => {
                bytes.reserve_exact(room(bytes.len(), bytes.capacity(), piece.len(), remaining));
                bytes.extend_from_slice(piece);
                Ok(())
            }
            PayloadBuffer::Text(text) => text.push(piece, remaining),
        }
    }

    /// Where the next of `remaining` bytes may be read to, once the payload is large.
    pub(super) fn read_target(&mut self, remaining: u64) -> Option<Limit<&mut Vec<u8>>> {
        let PayloadBuffer::Bytes(bytes) = self else { return None };
        if bytes.len() < LARGE || remaining < LARGE as u64 {
            return None;
        }
        let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
        if bytes.len() == bytes.capacity() {
            bytes.reserve_exact(bytes.len().min(remaining));
        }
        let room = bytes.capacity() - bytes.len();
        Some(bytes.limit(room.min(remaining).min(MAX_READ)))
    }

    /// The last `n` bytes: they were read to their place.
    pub(super) fn commit_read(&mut self, n: usize) -> &mut [u8] {
        let PayloadBuffer::Bytes(bytes) = self else { unreachable!("text has no place") };
        let before = bytes.len() - n;
        &mut bytes[before..]
    }
}

impl ReceivedText {
    fn push(&mut self, mut piece: &[u8], remaining: u64) -> Result<(), ProtocolViolation> {
        let (length, capacity) = (self.text.len(), self.text.capacity());
        self.text.reserve_exact(room(length, capacity, self.cut.len() + piece.len(), remaining));
        while !self.cut.is_empty()
            && let Some((byte, rest)) = piece.split_first()
        {
            self.push_byte(*byte)?;
            piece = rest;
        }
        let (decode_whole_frame, cut) = piece.split_at(piece.len() - begun(piece));
        self.text.push_str(str::from_utf8(decode_whole_frame).map_err(|_| NOT_UTF_8)?);
        cut.iter().try_for_each(|byte| self.push_byte(*byte))
    }

    fn push_byte(&mut self, byte: u8) -> Result<(), ProtocolViolation> {
        self.cut.push(byte);
        match str::from_utf8(&self.cut) {
            Ok(character) => {
                self.text.push_str(character);
                self.cut.clear();
                Ok(())
            }
            Err(error) if error.error_len().is_none() => Ok(()),
            Err(_) => Err(NOT_UTF_8),
        }
    }

    pub(super) fn finish(self) -> Result<String, ProtocolViolation> {
        if self.cut.is_empty() { Ok(self.text) } else { Err(NOT_UTF_8) }
    }
}

/// How many bytes at the end may be the beginning of a character.
fn begun(bytes: &[u8]) -> usize {
    let begins = |n: &usize| bytes[bytes.len() - n].leading_ones() as usize > (*n).max(1);
    (1..=bytes.len().min(3)).find(begins).unwrap_or(0)
}

/// What to reserve for `more` bytes: as much again as there is, but nothing beyond the end.
fn room(length: usize, capacity: usize, more: usize, remaining: u64) -> usize {
    let needed = length + more;
    if needed <= capacity {
        return 0;
    }
    more + needed.min(usize::try_from(remaining).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(mut collected: PayloadBuffer, bytes: &[u8], step: usize) -> Result<PayloadBuffer, usize> {
        let mut seen = 0;
        for piece in bytes.chunks(step) {
            seen += piece.len();
            collected.push(piece, (bytes.len() - seen) as u64).map_err(|_| seen)?;
        }
        Ok(collected)
    }

    #[test]
    fn text_in_pieces_is_what_it_is_as_a_whole() {
        let parts: [&[u8]; 12] = [
            b"a",
            "ü".as_bytes(),
            "€".as_bytes(),
            "😀".as_bytes(),
            b"\x80",
            b"\xc3",
            b"\xc0\xaf",
            b"\xe2\x82",
            b"\xed\xa0\x80",
            b"\xf0\x9f\x98",
            b"\xf4\x90\x80\x80",
            b"\xff",
        ];
        for places in 0..parts.len().pow(3) {
            let n = parts.len();
            let bytes =
                [places % n, places / n % n, places / n / n].map(|read_target| parts[read_target]).concat();
            for step in 1..=bytes.len() {
                let text = collect(PayloadBuffer::Text(ReceivedText::default()), &bytes, step);
                match (str::from_utf8(&bytes), text) {
                    (Ok(expected), Ok(PayloadBuffer::Text(text))) => {
                        assert_eq!(text.finish(), Ok(expected.to_owned()));
                    }
                    (Err(error), Err(seen)) => {
                        let broken = error.valid_up_to() + error.error_len().expect("the end is not missing");
                        assert!(seen <= broken + step, "{bytes:x?} in {step}s: noticed after {seen}");
                    }
                    (Err(error), Ok(PayloadBuffer::Text(text))) => {
                        assert!(error.error_len().is_none(), "{bytes:x?} in {step}s: not noticed");
                        assert!(text.finish().is_err());
                    }
                    (expected, found) => panic!("{bytes:x?} in {step}s: {expected:?}, {found:?}"),
                }
            }
        }
    }

    #[test]
    fn memory_grows_with_what_has_arrived_and_ends_with_what_was_announced() {
        for length in [1, 1_000, 100_000, 3 << 20] {
            let payload: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let (mut bytes, mut arrived) = (PayloadBuffer::Bytes(Vec::new()), 0);
            while arrived < length {
                let remaining = length - arrived;
                if let Some(mut read_target) = bytes.read_target(remaining as u64) {
                    let n = read_target.remaining_mut().min(50_000);
                    read_target.put_slice(&payload[arrived..][..n]);
                    arrived += n;
                    assert!(bytes.commit_read(n) == &payload[arrived - n..arrived]);
                } else {
                    let n = remaining.min(40_000);
                    bytes.push(&payload[arrived..][..n], (remaining - n) as u64).expect("bytes are bytes");
                    arrived += n;
                }
                let PayloadBuffer::Bytes(bytes) = &bytes else { unreachable!() };
                assert!(bytes.capacity() <= 2 * arrived.max(LARGE), "{arrived} of {length}");
            }
            let PayloadBuffer::Bytes(bytes) = bytes else { unreachable!() };
            assert!(bytes == payload && bytes.capacity() == length);
        }
    }
}
