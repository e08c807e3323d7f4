//! Compressors of a thread.

use std::cell::Cell;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush};

/// Bits of the largest window (RFC 7692, section 7.1.2). It is that of a side that has agreed to no
/// other.
pub(super) const MAX_BITS: u8 = 15;

/// Bits of the smallest window that zlib has.
pub(super) const MIN_BITS: u8 = 9;

/// End of every message, which does not go over the wire (RFC 7692, section 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Memory for the symbols of a block, as zlib counts it: 2,048 of them. zlib's default is 8 times
/// as many, which compress no better, and zlib-rs fills their memory with zeros for each message.
const MEM_LEVEL: i32 = 5;

/// Most memory for compressed messages that a thread keeps.
const RETAINED: usize = 64 << 10;

thread_local! {
    /// Taken out while a message is compressed. Once the thread has dropped them, as it ends, a
    /// message gets compressors of its own: what the thread drops later may still broadcast.
    static DEFLATERS: Cell<Deflaters> = const { Cell::new(Deflaters::new()) };
}

/// Compressors of one thread, one for each window and level in use.
struct Deflaters {
    deflaters: Vec<Deflater>,
    /// Memory for the compressed message.
    output: Vec<u8>,
}

struct Deflater {
    bits: u8,
    level: u8,
    deflate: Deflate,
}

/// Parameters of a compressor: bits of its window, and effort.
#[derive(Debug, Clone, Copy)]
pub(super) struct DeflateParameters {
    pub(super) bits: u8,
    pub(super) level: u8,
}

/// Returns how far a message may refer back in a window of these bits: zlib does without the
/// farthest 262 bytes.
pub(super) fn reach(bits: u8) -> usize {
    (1 << bits) - 262
}

/// Compresses a message, and calls `f` with the result, as it goes over the wire: `None` if it is
/// not shorter. The message may refer to the `context` before it.
pub(super) fn deflate<R>(
    parameters: DeflateParameters,
    context: &[u8],
    message: &[u8],
    f: impl FnOnce(Option<&[u8]>) -> R,
) -> R {
    let kept = DEFLATERS.try_with(|kept| kept.replace(Deflaters::new()));
    let mut deflaters = kept.unwrap_or(Deflaters::new());
    let result = f(deflaters.deflate(parameters, context, message));
    deflaters.shrink();
    let _ = DEFLATERS.try_with(|kept| kept.set(deflaters));
    result
}

impl Deflaters {
    const fn new() -> Self {
        Self { deflaters: Vec::new(), output: Vec::new() }
    }

    fn deflate(
        &mut self,
        DeflateParameters { bits, level }: DeflateParameters,
        context: &[u8],
        message: &[u8],
    ) -> Option<&[u8]> {
        // Where everything is near enough, the largest window does not matter to the peer, and one
        // compressor serves connections of all parameters.
        let is_near = context.len() + message.len() <= 1 << bits;
        let bits = if is_near { MAX_BITS } else { bits };
        // It comes back only behind a message that was compressed as it should be: not after a
        // panic, and not with an output that was cut off, of which a reset of zlib-rs 0.6.8 does
        // not forget everything.
        let known = |deflater: &Deflater| deflater.bits == bits && deflater.level == level;
        let mut deflater = match self.deflaters.iter().position(known) {
            Some(place) => self.deflaters.swap_remove(place),
            None => Deflater { bits, level, deflate: new(bits, level) },
        };
        let deflate = &mut deflater.deflate;
        deflate.reset();
        if !context.is_empty() {
            deflate.set_dictionary(context).ok()?;
        }
        let room = longest_output(message.len());
        if self.output.len() < room {
            self.output.resize(room, 0);
        }
        deflate.compress(message, &mut self.output[..room], DeflateFlush::SyncFlush).ok()?;
        // zlib-rs takes 4 GiB at a time.
        if deflate.total_in() != message.len() as u64 {
            return None;
        }
        let length = usize::try_from(deflate.total_out()).ok().filter(|length| *length < room)?;
        self.deflaters.push(deflater);
        self.output[..length].strip_suffix(&TAIL).filter(|compressed| compressed.len() < message.len())
    }

    fn shrink(&mut self) {
        if self.output.len() > RETAINED {
            self.output = Vec::new();
        }
    }
}

fn new(bits: u8, level: u8) -> Deflate {
    Deflate::new_with_config(DeflateConfig {
        level: level.into(),
        // Without a header.
        window_bits: -i32::from(bits),
        mem_level: MEM_LEVEL,
        ..DeflateConfig::default()
    })
}

/// Returns a length that no compressed message exceeds: a byte takes at most nine bits.
fn longest_output(length: usize) -> usize {
    length + length / 8 + length / 64 + 64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::enabled::inflater::tests::inflate;

    fn compressed(bits: u8, context: &[u8], message: &[u8]) -> Option<Vec<u8>> {
        deflate(DeflateParameters { bits, level: 1 }, context, message, |compressed| {
            compressed.map(<[u8]>::to_vec)
        })
    }

    #[test]
    fn a_message_is_shorter_or_left_as_it_is() {
        let text = "{\"price\":1.5}".repeat(40).into_bytes();
        let short = compressed(15, b"", &text).expect("it repeats itself");
        assert!(short.len() < text.len() / 4, "{}", short.len());
        assert_eq!(inflate(b"", &short), Ok(text));
        for message in [&b""[..], b"a", b"abc", b"0123456789abcdefghijklmnopqrstuvwxyz"] {
            assert_eq!(compressed(15, b"", message), None);
        }
    }

    /// Returns bytes that repeat nothing.
    fn noise(seed: u32, length: usize) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    #[test]
    fn messages_that_cannot_be_compressed_leave_nothing_behind() {
        let text = "{\"price\":1.5}".repeat(40).into_bytes();
        for level in [1, 2, 6] {
            let compressed = |message: &[u8]| {
                deflate(DeflateParameters { bits: 15, level }, b"", message, |it| it.map(<[u8]>::to_vec))
            };
            let expected = compressed(&text);
            for length in [100, 60_000, 65_000, 65_536, 70_000, 131_072, 200_000, 1 << 20] {
                for seed in 1..4 {
                    assert_eq!(compressed(&noise(seed, length)), None, "{length}, level {level}");
                }
                assert_eq!(compressed(&text), expected, "after {length}, level {level}");
            }
        }
    }

    #[test]
    fn a_message_refers_to_its_context_as_far_as_the_window_reaches() {
        let (message, other) = (noise(1, 300), noise(2, 300));
        for bits in MIN_BITS..=MAX_BITS {
            let near = compressed(bits, &message, &message);
            let far = [&message[..], &other, &other].concat();
            let kept = &far[far.len().saturating_sub(1 << bits)..];
            let near = near.filter(|near| near.len() < 20);
            // zlib does not refer to the farthest 262 bytes of its window.
            assert_eq!(near.is_some(), bits > 9, "{bits}");
            if let Some(near) = near {
                assert_eq!(inflate(&message, &near), Ok(message.clone()));
            }
            if let Some(far) = compressed(bits, kept, &message) {
                assert_eq!(inflate(kept, &far), Ok(message.clone()), "{bits}");
            }
        }
    }
}
