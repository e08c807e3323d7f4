use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

/// Kind of a message to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MessageKind {
    pub(crate) opcode: OpCode,
    /// True if it is sent as it is on a connection with compression, too.
    pub(crate) is_uncompressed: bool,
}

impl From<OpCode> for MessageKind {
    #[inline]
    fn from(opcode: OpCode) -> Self {
        Self { opcode, is_uncompressed: false }
    }
}
