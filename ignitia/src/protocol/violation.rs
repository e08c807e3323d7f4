use crate::close::{CloseCode, CloseFrame};

/// Violation of the protocol by the peer, as the close frame reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProtocolViolation {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

impl ProtocolViolation {
    pub(crate) const fn protocol(reason: &'static str) -> Self {
        Self { code: CloseCode::PROTOCOL, reason }
    }

    pub(crate) fn close_frame(self) -> CloseFrame {
        CloseFrame { code: self.code, reason: self.reason.into() }
    }
}

pub(crate) const NOT_UTF_8: ProtocolViolation =
    ProtocolViolation { code: CloseCode::INVALID_DATA, reason: "the text is not valid UTF-8" };
pub(crate) const NOT_DEFLATED: ProtocolViolation =
    ProtocolViolation { code: CloseCode::INVALID_DATA, reason: "the compressed message is broken" };
pub(crate) const RESERVED_BITS: ProtocolViolation = ProtocolViolation::protocol("reserved bits are set");
pub(crate) const RESERVED_OPCODE: ProtocolViolation = ProtocolViolation::protocol("the opcode is reserved");
pub(crate) const TOO_BIG: ProtocolViolation =
    ProtocolViolation { code: CloseCode::TOO_BIG, reason: "the message is too big" };
