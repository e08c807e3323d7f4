//! Payload of a frame that arrives in pieces. Memory grows with the bytes received, not with the
//! length announced.

use bytes::{BufMut, buf::Limit};

use crate::{
    message::Message,
    protocol::violation::{NOT_UTF_8, ProtocolViolation},
};

/// Size from which on a payload is read without a copy, if as many bytes are still to come.
const LARGE: usize = 64 << 10;

/// Most bytes of one such read.
const MAX_READ: usize = 256 << 10;

#[derive(Debug)]
pub(super) enum PayloadBuffer {
    Bytes(Vec<u8>),
    Text(PartialText),
}

/// Text that is validated as it arrives: invalid UTF-8 is noticed at its first bad byte.
#[derive(Debug, Default)]
pub(super) struct PartialText {
    text: String,
    /// Bytes of an incomplete character.
    partial_character: Vec<u8>,
}

impl PayloadBuffer {
    pub(super) fn new(is_text: bool) -> Self {
        if is_text { Self::Text(PartialText::default()) } else { Self::Bytes(Vec::new()) }
    }

    /// Appends a piece, behind which `remaining` bytes are still to come.
    pub(super) fn push(&mut self, piece: &[u8], remaining: u64) -> Result<(), ProtocolViolation> {
        match self {
            PayloadBuffer::Bytes(bytes) => {
                bytes.reserve_exact(reserve_for(bytes.len(), bytes.capacity(), piece.len(), remaining));
                bytes.extend_from_slice(piece);
                Ok(())
            }
            PayloadBuffer::Text(text) => text.push(piece, remaining),
        }
    }

    /// Returns the number of bytes so far.
    pub(super) fn len(&self) -> usize {
        self.bytes().iter().map(|part| part.len()).sum()
    }

    /// Returns the bytes so far, in two parts.
    pub(super) fn bytes(&self) -> [&[u8]; 2] {
        match self {
            PayloadBuffer::Bytes(bytes) => [bytes, &[]],
            PayloadBuffer::Text(text) => [text.text.as_bytes(), &text.partial_character],
        }
    }

    /// Returns the payload as a message of its kind.
    pub(super) fn into_message(self) -> Result<Message, ProtocolViolation> {
        match self {
            PayloadBuffer::Bytes(bytes) => Ok(Message::Binary(bytes.into())),
            PayloadBuffer::Text(text) => text.finish().map(Message::Text),
        }
    }

    /// Returns the buffer for the next of `remaining` bytes, once the payload is large.
    pub(super) fn read_target(&mut self, remaining: u64) -> Option<Limit<&mut Vec<u8>>> {
        let PayloadBuffer::Bytes(bytes) = self else { return None };
        if bytes.len() < LARGE || remaining < LARGE as u64 {
            return None;
        }
        let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
        if bytes.len() == bytes.capacity() {
            bytes.reserve_exact(bytes.len().min(remaining));
        }
        let reserve_for = bytes.capacity() - bytes.len();
        Some(bytes.limit(reserve_for.min(remaining).min(MAX_READ)))
    }

    /// Returns the last `n` bytes, which were read into the [`read_target`](Self::read_target).
    pub(super) fn commit_read(&mut self, n: usize) -> &mut [u8] {
        let PayloadBuffer::Bytes(bytes) = self else { unreachable!("text has no place") };
        let before = bytes.len() - n;
        &mut bytes[before..]
    }
}

impl PartialText {
    fn push(&mut self, mut piece: &[u8], remaining: u64) -> Result<(), ProtocolViolation> {
        let (length, capacity) = (self.text.len(), self.text.capacity());
        self.text.reserve_exact(reserve_for(
            length,
            capacity,
            self.partial_character.len() + piece.len(),
            remaining,
        ));
        while !self.partial_character.is_empty()
            && let Some((byte, rest)) = piece.split_first()
        {
            self.push_byte(*byte)?;
            piece = rest;
        }
        let (whole, partial_character) = piece.split_at(piece.len() - partial_character_len(piece));
        self.text.push_str(str::from_utf8(whole).map_err(|_| NOT_UTF_8)?);
        partial_character.iter().try_for_each(|byte| self.push_byte(*byte))
    }

    fn push_byte(&mut self, byte: u8) -> Result<(), ProtocolViolation> {
        self.partial_character.push(byte);
        match str::from_utf8(&self.partial_character) {
            Ok(character) => {
                self.text.push_str(character);
                self.partial_character.clear();
                Ok(())
            }
            Err(error) if error.error_len().is_none() => Ok(()),
            Err(_) => Err(NOT_UTF_8),
        }
    }

    pub(super) fn finish(self) -> Result<String, ProtocolViolation> {
        if self.partial_character.is_empty() { Ok(self.text) } else { Err(NOT_UTF_8) }
    }
}

/// Returns the number of bytes at the end that may begin a character.
fn partial_character_len(bytes: &[u8]) -> usize {
    let begins = |n: &usize| bytes[bytes.len() - n].leading_ones() as usize > (*n).max(1);
    (1..=bytes.len().min(3)).find(begins).unwrap_or(0)
}

/// Returns the capacity to reserve for `more` bytes: as much again as there is, but nothing beyond
/// the end.
fn reserve_for(length: usize, capacity: usize, more: usize, remaining: u64) -> usize {
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
            let bytes = [places % n, places / n % n, places / n / n].map(|place| parts[place]).concat();
            for step in 1..=bytes.len() {
                let text = collect(PayloadBuffer::Text(PartialText::default()), &bytes, step);
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
                if let Some(mut place) = bytes.read_target(remaining as u64) {
                    let n = place.remaining_mut().min(50_000);
                    place.put_slice(&payload[arrived..][..n]);
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
