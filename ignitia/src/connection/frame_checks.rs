//! Checks of frames that the application wants to send.

use crate::{
    close::{CloseCode, CloseFrame},
    error::{Error, Result},
    protocol::MAX_CONTROL_PAYLOAD,
};

/// Refuses a close frame that must not be sent.
pub(crate) fn check_close(frame: &CloseFrame) -> Result<()> {
    if CloseCode::is_sendable(frame.code) {
        return Ok(());
    }
    Err(Error::input(format!("close code {} must not be sent", frame.code)))
}

/// Refuses a ping or pong that is too long.
pub(super) fn check_control<T: AsRef<[u8]>>(payload: T) -> Result<T> {
    if payload.as_ref().len() > MAX_CONTROL_PAYLOAD {
        return Err(Error::input("a ping or pong holds at most 125 bytes"));
    }
    Ok(payload)
}
