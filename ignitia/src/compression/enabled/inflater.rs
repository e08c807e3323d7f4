//! Decompressors of a thread.

use std::cell::{Cell, RefCell};

use zlib_rs::{Inflate, InflateFlush, Status};

use super::deflater::MAX_BITS;

/// Bytes that are decompressed at once.
pub(super) const CHUNK: usize = 64 << 10;

/// End of every message, which does not go over the wire (RFC 7692, section 7.2.2), and a final
/// block without content: it is decompressed only if the message has ended with a block.
const END: [u8; 6] = [0, 0, 0xff, 0xff, 3, 0];

/// Streams that a message may consist of, however short they are.
const STREAMS: usize = 64;

/// Bytes of input for each further stream, on average: to begin one is to copy a window.
const BYTES_PER_STREAM: usize = 64;

thread_local! {
    static INFLATER: Cell<Option<Box<Inflate>>> = const { Cell::new(None) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Decompressor of one message. It goes back to the thread behind one that was complete: not after
/// a failure or a panic.
pub(crate) struct Inflater {
    inflate: Option<Box<Inflate>>,
    /// True if a final block was the last that was read.
    has_ended: bool,
    /// Bytes that were read.
    read: usize,
    /// Streams that have begun behind a final block.
    streams: usize,
}

/// Data that is not compressed as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Output of one step, and its input that is left.
pub(super) enum Inflated {
    /// More than was asked for may follow.
    Some(usize),
    /// All input was used, and there is nothing more.
    All(usize),
    /// A final block has ended. What follows is a stream of its own.
    End(usize),
}

/// Calls `f` with memory for decompressed bytes.
pub(super) fn with_output<R>(f: impl FnOnce(&mut [u8]) -> R) -> R {
    OUTPUT.with_borrow_mut(|output| {
        output.resize(CHUNK, 0);
        f(output)
    })
}

impl Inflater {
    /// Memory that it takes, its window included.
    pub(crate) const SIZE: usize = 48 << 10;

    /// Returns the decompressor for a message that may refer to the `context` before it.
    pub(super) fn take(context: &[u8]) -> Self {
        let mut inflate = INFLATER.take().unwrap_or_else(|| Box::new(Inflate::new(false, MAX_BITS)));
        restart(&mut inflate, &[context]);
        Self { inflate: Some(inflate), has_ended: false, read: 0, streams: 0 }
    }

    /// Decompresses the front of `input` into `output`.
    pub(super) fn inflate(&mut self, input: &mut &[u8], output: &mut [u8]) -> Result<Inflated, Broken> {
        let inflate = self.inflate.as_mut().ok_or(Broken)?;
        self.has_ended &= input.is_empty();
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(input, output, InflateFlush::SyncFlush).map_err(|_| Broken)?;
        let read = (inflate.total_in() - read) as usize;
        let written = (inflate.total_out() - written) as usize;
        *input = &input[read..];
        self.read += read;
        match status {
            Status::StreamEnd => {
                self.has_ended = true;
                Ok(Inflated::End(written))
            }
            _ if written == output.len() => Ok(Inflated::Some(written)),
            _ if input.is_empty() => Ok(Inflated::All(written)),
            _ if read == 0 && written == 0 => Err(Broken),
            _ => Ok(Inflated::Some(written)),
        }
    }

    /// Returns `true` if another stream has to begin for more input.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Returns the number of streams that have begun behind a final block.
    pub(crate) fn streams(&self) -> usize {
        self.streams
    }

    /// Begins another stream behind a final block. It may refer to the `context` before it, given
    /// in parts.
    pub(super) fn restart(&mut self, context: &[&[u8]]) -> Result<(), Broken> {
        self.streams += 1;
        if self.streams > STREAMS + self.read / BYTES_PER_STREAM {
            return Err(Broken);
        }
        restart(self.inflate.as_mut().ok_or(Broken)?, context);
        Ok(())
    }

    /// Ends the message, and checks that it is complete: its last block has ended. Behind a final
    /// block there should be another one, but programs exist that leave it out. A message of no
    /// bytes is empty.
    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        if !self.has_ended && self.read > 0 {
            let mut input = &END[..];
            match self.inflate(&mut input, &mut [0])? {
                Inflated::End(0) if input.is_empty() => {}
                _ => return Err(Broken),
            }
        }
        let _ = INFLATER.try_with(|kept| kept.set(self.inflate.take()));
        Ok(())
    }
}

fn restart(inflate: &mut Inflate, context: &[&[u8]]) {
    inflate.reset(false);
    for part in context.iter().filter(|part| !part.is_empty()) {
        // Only its end is copied. It fails only for a stream with a header.
        let _ = inflate.set_dictionary(part);
    }
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Decompresses a whole message in one piece.
    pub(crate) fn inflate(context: &[u8], message: &[u8]) -> Result<Vec<u8>, Broken> {
        inflate_in_steps(context, message, usize::MAX, CHUNK)
    }

    fn inflate_in_steps(
        context: &[u8],
        message: &[u8],
        step: usize,
        chunk: usize,
    ) -> Result<Vec<u8>, Broken> {
        let mut inflater = Inflater::take(context);
        let mut inflated = Vec::new();
        for mut input in message.chunks(step.min(message.len().max(1))) {
            loop {
                if inflater.has_ended() && !input.is_empty() {
                    inflater.restart(&[context, &inflated])?;
                }
                let mut output = vec![0; chunk];
                let (length, is_done) = match inflater.inflate(&mut input, &mut output)? {
                    Inflated::Some(length) => (length, false),
                    Inflated::All(length) => (length, true),
                    Inflated::End(length) => (length, input.is_empty()),
                };
                inflated.extend_from_slice(&output[..length]);
                if is_done {
                    break;
                }
            }
        }
        inflater.finish()?;
        Ok(inflated)
    }

    /// Messages of RFC 7692, section 7.2.3, and their text.
    const OF_THE_RFC: [(&[u8], &[u8]); 5] = [
        // In one block of fixed codes.
        (&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], b"Hello"),
        // In a stored block.
        (&[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00], b"Hello"),
        // In a final block.
        (&[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00], b"Hello"),
        // In two blocks.
        (&[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00], b"Hello"),
        (&[0x00], b""),
    ];

    #[test]
    fn messages_of_the_rfc_in_steps_of_all_sizes() {
        for (message, text) in OF_THE_RFC {
            for step in 1..=message.len() {
                for chunk in [1, 2, 5, 6, CHUNK] {
                    let inflated = inflate_in_steps(b"", message, step, chunk);
                    assert_eq!(inflated.as_deref(), Ok(text), "{message:x?} in {step}s, {chunk}");
                }
            }
        }
        // With the text before as its context.
        assert_eq!(inflate(b"Hello", &[0xf2, 0x00, 0x11, 0x00, 0x00]).as_deref(), Ok(&b"Hello"[..]));
    }

    #[test]
    fn a_message_that_is_cut_off_is_broken() {
        for (whole, _) in OF_THE_RFC {
            for length in 1..whole.len() {
                let message = &whole[..length];
                // These are messages of their own: nothing, and "He".
                if [&[0x00][..], &[0xf2, 0x48, 0x05, 0x00]].contains(&message) {
                    continue;
                }
                let cut_off = inflate(b"", message);
                // The last byte behind a final block may be missing.
                let is_final_block = message[0] & 1 != 0 && length == whole.len() - 1;
                assert_eq!(cut_off.is_ok(), is_final_block, "{message:x?}");
            }
        }
        assert_eq!(inflate(b"", b"").as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn a_final_block_may_be_in_the_middle_and_more_may_refer_to_it() {
        let first = &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..];
        let twice = [first, OF_THE_RFC[0].0].concat();
        assert_eq!(inflate(b"", &twice).as_deref(), Ok(&b"HelloHello"[..]));
        let refers = [first, &[0xf2, 0x00, 0x11, 0x00, 0x00]].concat();
        assert_eq!(inflate(b"", &refers).as_deref(), Ok(&b"HelloHello"[..]));
    }

    #[test]
    fn streams_are_not_shorter_than_they_may_be_on_average() {
        let many = |length: usize, count: usize| {
            let stored = [&[1, length as u8, 0, !length as u8, 0xff][..], &vec![b'x'; length]].concat();
            inflate(b"", &stored.repeat(count)).map(|inflated| inflated.len())
        };
        // The first one is no other one, and the lengths are read as well.
        assert_eq!(many(BYTES_PER_STREAM - 5, 1_000), Ok(1_000 * (BYTES_PER_STREAM - 5)));
        assert_eq!(many(0, STREAMS + 1), Ok(0));
        assert_eq!(many(0, 2 * STREAMS), Err(Broken));
    }

    #[test]
    fn what_refers_to_nothing_is_broken() {
        assert_eq!(inflate(b"", &[0xf2, 0x00, 0x11, 0x00, 0x00]), Err(Broken));
        assert_eq!(inflate(b"Hel", &[0xf2, 0x00, 0x11, 0x00, 0x00]), Err(Broken));
        // A block of a kind that does not exist.
        assert_eq!(inflate(b"", &[0x06, 0x00]), Err(Broken));
        // A stored block whose lengths do not agree.
        assert_eq!(inflate(b"", &[0x00, 0x05, 0x00, 0xfa, 0xfe, 0x48]), Err(Broken));
    }
}
