//! Decoding of compressed messages.

use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::{Decoder, charge, header::FrameHeader, inflation::Inflation};
use crate::{message::Message, protocol::violation::ProtocolViolation};

impl Decoder {
    /// Returns the number of bytes that decompression has added since the last call.
    #[inline]
    pub(crate) fn take_added(&mut self) -> usize {
        self.inflation.as_mut().map_or(0, Inflation::take_added)
    }

    /// Returns the number of streams that have begun behind a final block since the last call.
    #[inline]
    pub(crate) fn take_streams(&mut self) -> usize {
        self.inflation.as_mut().map_or(0, Inflation::take_streams)
    }

    /// Returns `true` if a frame may say that its message is compressed: only the first one of a
    /// message may ([RFC 7692, section 6.1](https://www.rfc-editor.org/rfc/rfc7692#section-6.1)),
    /// and only if it was agreed on.
    #[cold]
    pub(super) fn admits_compressed(&self, header: &FrameHeader) -> bool {
        self.inflation.is_some() && matches!(header.opcode, OpCode::Data(Data::Text | Data::Binary))
    }

    /// Decompresses a piece of a message. What it makes us hold counts for the budget.
    pub(super) fn push_compressed(&mut self, piece: &[u8]) -> Result<Option<Message>, ProtocolViolation> {
        let frame = self.arriving.as_ref().expect("a frame is arriving");
        let is_whole = frame.remaining == 0;
        let is_final = frame.header.is_final && is_whole;
        let is_text = frame.header.opcode != OpCode::Data(Data::Binary);
        let inflation = self.inflation.as_mut().expect("only then a message may be compressed");
        let held = inflation.held();
        let received = inflation.push(is_text, piece, is_final, self.max_message_size as usize)?;
        let more = inflation.held().saturating_sub(held);
        charge(&mut self.lease, self.reassembly_exceeded, &frame.header, more)?;
        if is_whole {
            self.arriving = None;
        }
        if is_final {
            self.end_message();
        }
        Ok(received)
    }
}
