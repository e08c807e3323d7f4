//! Encoder: a message as one unmasked frame ([RFC 6455, section
//! 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)).

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::frame::{COMPRESSED, FINAL};

/// Appends the header of a whole frame.
#[inline(always)]
pub(crate) fn push_header(bytes: &mut Vec<u8>, opcode: OpCode, length: usize) {
    push_lengths(bytes, FINAL | u8::from(opcode), length);
}

/// Appends the header of a whole frame with a compressed payload of this length.
pub(crate) fn push_compressed_header(bytes: &mut Vec<u8>, opcode: OpCode, length: usize) {
    push_lengths(bytes, FINAL | COMPRESSED | u8::from(opcode), length);
}

#[inline(always)]
fn push_lengths(bytes: &mut Vec<u8>, first: u8, length: usize) {
    match length {
        0..126 => bytes.extend_from_slice(&[first, length as u8]),
        126..0x1_0000 => {
            let [a, b] = (length as u16).to_be_bytes();
            bytes.extend_from_slice(&[first, 126, a, b]);
        }
        _ => {
            bytes.extend_from_slice(&[first, 127]);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

/// Returns the lengths of the header and of the payload of a frame that begins with these bytes.
pub(crate) fn frame_lengths(frame: &[u8]) -> (usize, usize) {
    match *frame {
        [_, 127, a, b, c, d, e, f, g, h, ..] => (10, u64::from_be_bytes([a, b, c, d, e, f, g, h]) as usize),
        [_, 126, a, b, ..] => (4, u16::from_be_bytes([a, b]).into()),
        [_, length, ..] => (2, length.into()),
        _ => unreachable!("a header is pushed as a whole"),
    }
}

/// Returns `true` for a text, `false` for a binary message, and `None` for a control frame.
pub(crate) fn is_text(frame: &[u8]) -> Option<bool> {
    match frame.first()? & 0x0f {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    }
}

/// Encodes a whole frame.
pub(crate) fn encode(opcode: OpCode, payload: &[u8]) -> Bytes {
    // Without spare capacity, `Bytes` needs no allocation of its own.
    let mut frame = Vec::with_capacity(header_length(payload.len()) + payload.len());
    push_header(&mut frame, opcode, payload.len());
    frame.extend_from_slice(payload);
    frame.into()
}

/// Encodes a whole frame with a compressed payload, given in parts.
#[cfg(feature = "compression")]
pub(crate) fn encode_compressed(opcode: OpCode, payload: &[&[u8]]) -> Bytes {
    let length = payload.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(header_length(length) + length);
    push_compressed_header(&mut frame, opcode, length);
    payload.iter().for_each(|part| frame.extend_from_slice(part));
    frame.into()
}

fn header_length(payload: usize) -> usize {
    match payload {
        0..126 => 2,
        126..0x1_0000 => 4,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

    use super::*;
    use crate::protocol::{BINARY, PING, PONG, TEXT};

    #[test]
    fn lengths_are_in_their_shortest_form() {
        let of = |length| {
            let mut header = Vec::new();
            push_header(&mut header, BINARY, length);
            header
        };
        assert_eq!(of(0), [0x82, 0]);
        assert_eq!(of(125), [0x82, 125]);
        assert_eq!(of(126), [0x82, 126, 0, 126]);
        assert_eq!(of(0xffff), [0x82, 126, 0xff, 0xff]);
        assert_eq!(of(0x1_0000), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn every_kind_has_its_opcode() {
        let of = |opcode| encode(opcode, b"x").to_vec();
        assert_eq!(of(TEXT), [0x81, 1, b'x']);
        assert_eq!(of(BINARY), [0x82, 1, b'x']);
        assert_eq!(of(OpCode::Control(Control::Close)), [0x88, 1, b'x']);
        assert_eq!(of(PING), [0x89, 1, b'x']);
        assert_eq!(of(PONG), [0x8a, 1, b'x']);
    }
}
