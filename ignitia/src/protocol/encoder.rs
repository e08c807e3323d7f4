//! Encoder: a message as one unmasked frame ([RFC 6455, section
//! 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)).

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::frame::FINAL;

/// Size of the longest header: two bytes and a 64-bit length.
const MAX_HEADER: usize = 10;

/// Header of a frame, as bytes.
pub(crate) struct EncodedHeader {
    bytes: [u8; MAX_HEADER],
    size: usize,
}

impl EncodedHeader {
    #[inline(always)]
    pub(crate) fn new(opcode: OpCode, length: usize) -> Self {
        let mut bytes = [0; MAX_HEADER];
        bytes[0] = FINAL | u8::from(opcode);
        let size = match length {
            0..126 => {
                bytes[1] = length as u8;
                2
            }
            126..0x1_0000 => {
                bytes[1] = 126;
                bytes[2..4].copy_from_slice(&(length as u16).to_be_bytes());
                4
            }
            _ => {
                bytes[1] = 127;
                bytes[2..].copy_from_slice(&(length as u64).to_be_bytes());
                MAX_HEADER
            }
        };
        Self { bytes, size }
    }
}

impl AsRef<[u8]> for EncodedHeader {
    #[inline(always)]
    fn as_ref(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

/// Encodes a whole frame.
pub(crate) fn encode(opcode: OpCode, payload: &[u8]) -> Bytes {
    [EncodedHeader::new(opcode, payload.len()).as_ref(), payload].concat().into()
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

    use super::*;
    use crate::protocol::{BINARY, PING, PONG, TEXT};

    #[test]
    fn lengths_are_in_their_shortest_form() {
        let of = |length| EncodedHeader::new(BINARY, length).as_ref().to_vec();
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
