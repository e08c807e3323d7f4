use crate::{
    connection::SharedFrame,
    dispatch::ServerMessage,
    error::{Error, Result},
    json,
    message::Message,
};

use super::position::Position;

/// Message that a room can send: an enum with `#[derive(Serialize, ServerMessage)]`, as JSON, or a
/// [`Message`], text or binary.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to a room",
    label = "expected a `ServerMessage`, or `Message`",
    note = "add `#[derive(serde::Serialize, ignitia::ServerMessage)]` to `{Self}`"
)]
pub trait RoomMessage {
    #[doc(hidden)]
    fn encode(&self) -> Result<EncodedMessage>;

    /// Returns true if no history keeps it.
    #[doc(hidden)]
    fn is_transient(&self) -> bool {
        false
    }

    /// True if the encoded message is known to be JSON.
    #[doc(hidden)]
    const IS_JSON: bool;
}

/// Encoded message, without a position in a history.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub enum EncodedMessage {
    Text(Vec<u8>),
    Binary(bytes::Bytes),
}

impl<M: ServerMessage> RoomMessage for M {
    const IS_JSON: bool = true;

    fn encode(&self) -> Result<EncodedMessage> {
        Ok(EncodedMessage::Text(json::to_vec(self)?))
    }

    fn is_transient(&self) -> bool {
        ServerMessage::is_transient(self)
    }
}

impl RoomMessage for Message {
    const IS_JSON: bool = false;

    fn encode(&self) -> Result<EncodedMessage> {
        match self {
            Message::Text(text) => Ok(EncodedMessage::Text(text.clone().into_bytes())),
            Message::Binary(bytes) => Ok(EncodedMessage::Binary(bytes.clone())),
            _ => Err(Error::input("a room sends only text and binary messages")),
        }
    }
}

impl EncodedMessage {
    /// Returns the frame of the message as it is.
    pub(super) fn frame(&self) -> SharedFrame {
        match self {
            EncodedMessage::Text(text) => SharedFrame::text(text),
            EncodedMessage::Binary(bytes) => SharedFrame::binary(bytes),
        }
    }

    /// Returns the frame of a message with its position: in the field `$at`, which is the last one,
    /// so that no other field of that name comes after it.
    pub(super) fn frame_at(&self, position: Position) -> Result<SharedFrame> {
        let EncodedMessage::Text(text) = self else { return Err(not_an_object()) };
        let text = text.trim_ascii();
        let Some(fields) = text.strip_suffix(b"}") else { return Err(not_an_object()) };
        let is_empty = fields.trim_ascii_end() == b"{";
        let comma = if is_empty { "" } else { "," };
        let with_position = [fields, format!(r#"{comma}"$at":"{position}"}}"#).as_bytes()].concat();
        Ok(SharedFrame::text(&with_position))
    }

    /// Checks that the message is a JSON object, so that it can have a position. Types of ours are;
    /// text has to be parsed.
    pub(super) fn check_object(&self) -> Result<()> {
        let EncodedMessage::Text(text) = self else { return Err(not_an_object()) };
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(not_an_object());
        }
        serde_json::from_slice::<serde::de::IgnoredAny>(text).map(|_| ()).map_err(|_| not_an_object())
    }
}

fn not_an_object() -> Error {
    Error::input("a room with a history sends only JSON objects: their field `$at` holds their position")
}
