//! Frame headers: [RFC 6455, section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).

use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::protocol::{
    frame::{COMPRESSED, FINAL, MAX_CONTROL_PAYLOAD},
    violation::{ProtocolViolation, RESERVED_BITS, RESERVED_OPCODE},
};

/// Size of the longest header: two bytes, a 64-bit length, a masking key.
pub(super) const MAX_HEADER: usize = 14;

/// Bits that no extension uses. Without compression the first one is none of its own either.
const RESERVED: u8 = if cfg!(feature = "compression") { 0x30 } else { 0x70 };
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;

/// Header that is valid by itself, whatever came before it.
#[derive(Debug)]
pub(super) struct FrameHeader {
    pub(super) opcode: OpCode,
    pub(super) is_final: bool,
    /// True if the first reserved bit is set. It may be for some frames only.
    pub(super) is_compressed: bool,
    pub(super) mask: [u8; 4],
    pub(super) length: u64,
}

/// Beginning of a header that is not complete.
#[derive(Debug, Default)]
pub(super) struct PartialHeader(Vec<u8>);

impl PartialHeader {
    pub(super) fn is_begun(&self) -> bool {
        !self.0.is_empty()
    }

    /// Takes a header off the front of `input`; all of `input` if the header is incomplete.
    #[inline(always)]
    pub(super) fn take(&mut self, input: &mut &mut [u8]) -> Result<Option<FrameHeader>, ProtocolViolation> {
        let begun = self.0.len();
        let parsed = if begun == 0 {
            FrameHeader::parse(input)?
        } else {
            let missing = &input[..input.len().min(MAX_HEADER - begun)];
            self.0.extend_from_slice(missing);
            FrameHeader::parse(&self.0)?
        };
        let Some((header, size)) = parsed else {
            if begun == 0 {
                self.0.extend_from_slice(input);
            }
            *input = &mut [];
            return Ok(None);
        };
        if begun > 0 {
            self.0 = Vec::new();
        }
        take_front(input, (size - begun) as u64);
        Ok(Some(header))
    }
}

impl FrameHeader {
    /// Returns `true` if its frame is one of several of a message.
    pub(super) fn is_fragment(&self) -> bool {
        !self.is_final || self.opcode == OpCode::Data(Data::Continue)
    }

    /// Parses the header at the beginning of `bytes`. Returns its size, too; `None` if it is
    /// incomplete.
    #[inline(always)]
    fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, ProtocolViolation> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let opcode = opcode(first & OPCODE)?;
        let is_final = first & FINAL != 0;
        if first & RESERVED != 0 {
            return Err(RESERVED_BITS);
        }
        if second & MASKED == 0 {
            return Err(ProtocolViolation::protocol("a client's frames must be masked"));
        }
        let (length, shortest, rest) = match second & !MASKED {
            126 => match rest.split_first_chunk() {
                Some((length, rest)) => (u16::from_be_bytes(*length).into(), 126, rest),
                None => return Ok(None),
            },
            127 => match rest.split_first_chunk() {
                Some((length, rest)) => (u64::from_be_bytes(*length), 1 << 16, rest),
                None => return Ok(None),
            },
            length => (length.into(), 0, rest),
        };
        if length < shortest || length >> 63 == 1 {
            return Err(ProtocolViolation::protocol("the payload length is not in its shortest form"));
        }
        if let OpCode::Control(_) = opcode {
            if !is_final {
                return Err(ProtocolViolation::protocol("a control frame must not be fragmented"));
            }
            if length > MAX_CONTROL_PAYLOAD as u64 {
                return Err(ProtocolViolation::protocol("a control frame holds at most 125 bytes"));
            }
        }
        let Some((mask, rest)) = rest.split_first_chunk() else { return Ok(None) };
        let is_compressed = cfg!(feature = "compression") && first & COMPRESSED != 0;
        Ok(Some((Self { opcode, is_final, is_compressed, mask: *mask, length }, bytes.len() - rest.len())))
    }
}

#[inline(always)]
fn opcode(bits: u8) -> Result<OpCode, ProtocolViolation> {
    Ok(match bits {
        0x0 => OpCode::Data(Data::Continue),
        0x1 => OpCode::Data(Data::Text),
        0x2 => OpCode::Data(Data::Binary),
        0x8 => OpCode::Control(Control::Close),
        0x9 => OpCode::Control(Control::Ping),
        0xa => OpCode::Control(Control::Pong),
        _ => return Err(RESERVED_OPCODE),
    })
}

/// Takes at most `at_most` bytes off the front of `input`.
pub(super) fn take_front<'a>(input: &mut &'a mut [u8], at_most: u64) -> &'a mut [u8] {
    let n = usize::try_from(at_most).map_or(input.len(), |limit| limit.min(input.len()));
    let (piece, rest) = std::mem::take(input).split_at_mut(n);
    *input = rest;
    piece
}
