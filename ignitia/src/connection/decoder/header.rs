//! A frame's header: [RFC 6455, section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

use super::{RESERVED_OPCODE, Violation, split};

/// The longest header: two bytes, a 64-bit length, a mask.
pub(super) const MAX_HEADER: usize = 14;

pub(super) const MAX_CONTROL: u64 = 125;

/// A header that is allowed by itself, whatever came before.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) opcode: OpCode,
    pub(super) is_final: bool,
    pub(super) mask: [u8; 4],
    pub(super) length: u64,
}

/// The beginning of a header that is not complete.
#[derive(Debug, Default)]
pub(super) struct Head(Vec<u8>);

impl Head {
    /// Takes a header off the front of `input`; all of `input`, if it is not complete.
    #[inline(always)]
    pub(super) fn take(&mut self, input: &mut &mut [u8]) -> Result<Option<Header>, Violation> {
        if input.is_empty() {
            return Ok(None);
        }
        let begun = self.0.len();
        let parsed = if begun == 0 {
            parse(input)?
        } else {
            let missing = &input[..input.len().min(MAX_HEADER - begun)];
            self.0.extend_from_slice(missing);
            parse(&self.0)?
        };
        let Some((header, length, size)) = parsed else {
            if begun == 0 {
                self.0.extend_from_slice(input);
            }
            *input = &mut [];
            return Ok(None);
        };
        self.0 = Vec::new();
        split(input, (size - begun) as u64);
        Header::judge(&header, length, size).map(Some)
    }
}

impl Header {
    /// Whether a frame with it is all of a message.
    pub(super) fn is_message(&self) -> bool {
        self.is_final && matches!(self.opcode, OpCode::Data(Data::Text | Data::Binary))
    }

    fn judge(header: &FrameHeader, length: u64, size: usize) -> Result<Self, Violation> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Violation::protocol("reserved bits are set"));
        }
        let Some(mask) = header.mask else {
            return Err(Violation::protocol("a client's frames must be masked"));
        };
        if length >> 63 == 1 || size != header.len(length) {
            return Err(Violation::protocol("the payload length is not in its shortest form"));
        }
        if let OpCode::Control(_) = header.opcode {
            if !header.is_final {
                return Err(Violation::protocol("a control frame must not be fragmented"));
            }
            if length > MAX_CONTROL {
                return Err(Violation::protocol("a control frame holds at most 125 bytes"));
            }
        }
        Ok(Self { opcode: header.opcode, is_final: header.is_final, mask, length })
    }
}

/// The header at the beginning of `bytes`, the payload's length, and the header's size; `None` if it is incomplete.
#[inline(always)]
fn parse(bytes: &[u8]) -> Result<Option<(FrameHeader, u64, usize)>, Violation> {
    let mut cursor = Cursor::new(bytes);
    match FrameHeader::parse(&mut cursor) {
        Ok(parsed) => Ok(parsed.map(|(header, length)| (header, length, cursor.position() as usize))),
        Err(_) => Err(RESERVED_OPCODE),
    }
}
