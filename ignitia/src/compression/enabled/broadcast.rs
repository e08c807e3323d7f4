//! Compression of a message for many peers.

use super::deflater::{DeflateParameters, MIN_BITS, deflate};

/// Level for messages that are compressed once for many peers.
const LEVEL: u8 = 6;

/// Compresses a message for all peers whose window has at least these bits, as it goes over the
/// wire; `None` if that is not shorter. It refers to no other message.
pub(crate) fn compress_broadcast(bits: u8, message: &[u8]) -> Option<Vec<u8>> {
    let parameters = DeflateParameters { bits, level: LEVEL };
    deflate(parameters, &[], message, |compressed| compressed.map(<[u8]>::to_vec))
}

/// Returns the bits of the smallest window, at most these, that a message of this length needs:
/// nothing in it is farther away. Peers that need the same share its compressed form.
pub(crate) fn needed_bits(bits: u8, length: usize) -> u8 {
    (MIN_BITS..bits).find(|needed| length <= 1 << needed).unwrap_or(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_message_needs_a_small_window() {
        for (bits, length, needed) in
            [(15, 0, 9), (15, 512, 9), (15, 513, 10), (12, 100_000, 12), (15, 40_000, 15), (9, 9_999, 9)]
        {
            assert_eq!(needed_bits(bits, length), needed, "{bits} for {length}");
        }
    }
}
