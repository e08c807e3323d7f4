//! The end of a WebSocket: close codes, close frames, and the cause of an end.

mod cause;
mod code;
mod frame;

pub(crate) use self::frame::{MAX_REASON, truncate_at_char};
pub use self::{
    cause::{CloseCause, CloseKind},
    code::CloseCode,
    frame::CloseFrame,
};
