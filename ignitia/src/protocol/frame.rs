//! Constants of the frame format: [RFC 6455, section
//! 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).

use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

pub(crate) const TEXT: OpCode = OpCode::Data(Data::Text);
pub(crate) const BINARY: OpCode = OpCode::Data(Data::Binary);
pub(crate) const PING: OpCode = OpCode::Control(Control::Ping);
pub(crate) const PONG: OpCode = OpCode::Control(Control::Pong);

/// FIN bit of a header's first byte: this is the last frame of its message.
pub(crate) const FINAL: u8 = 0x80;

/// First reserved bit (RSV1) of a header's first byte: the message is compressed ([RFC 7692,
/// section 6](https://www.rfc-editor.org/rfc/rfc7692#section-6)).
pub(crate) const COMPRESSED: u8 = 0x40;

/// Longest payload of a control frame ([RFC 6455, section
/// 5.5](https://www.rfc-editor.org/rfc/rfc6455#section-5.5)).
pub(crate) const MAX_CONTROL_PAYLOAD: usize = 125;
