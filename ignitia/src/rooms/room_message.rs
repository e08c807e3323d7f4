use crate::{
    dispatch::ServerMessage,
    error::{Error, Result},
    json,
    message::Message,
};

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
pub struct EncodedMessage {
    pub(super) payload: MessagePayload,
    /// True if it is sent as it is on connections with compression, too.
    pub(super) is_uncompressed: bool,
}

#[derive(Debug, Clone)]
pub(super) enum MessagePayload {
    Text(Vec<u8>),
    Binary(bytes::Bytes),
}

impl<M: ServerMessage> RoomMessage for M {
    const IS_JSON: bool = true;

    fn encode(&self) -> Result<EncodedMessage> {
        let payload = MessagePayload::Text(json::to_vec(self)?);
        Ok(EncodedMessage { payload, is_uncompressed: self.is_uncompressed() })
    }

    fn is_transient(&self) -> bool {
        ServerMessage::is_transient(self)
    }
}

impl RoomMessage for Message {
    const IS_JSON: bool = false;

    fn encode(&self) -> Result<EncodedMessage> {
        let payload = match self {
            Message::Text(text) => MessagePayload::Text(text.clone().into_bytes()),
            Message::Binary(bytes) => MessagePayload::Binary(bytes.clone()),
            _ => return Err(Error::input("a room sends only text and binary messages")),
        };
        Ok(EncodedMessage { payload, is_uncompressed: false })
    }
}

impl EncodedMessage {
    /// Encodes a message, which is sent as it is if it says so or `is_uncompressed`.
    pub(super) fn of(message: &impl RoomMessage, is_uncompressed: bool) -> Result<Self> {
        let mut encoded = message.encode()?;
        encoded.is_uncompressed |= is_uncompressed;
        Ok(encoded)
    }

    /// Returns the JSON object without its last brace: a position may follow.
    pub(super) fn fields(&self) -> Result<&[u8]> {
        let MessagePayload::Text(text) = &self.payload else { return Err(not_an_object()) };
        text.trim_ascii().strip_suffix(b"}").ok_or_else(not_an_object)
    }

    /// Checks that the message is a JSON object, so that it can have a position. Types of ours are;
    /// text has to be parsed.
    pub(super) fn check_object(&self) -> Result<()> {
        let MessagePayload::Text(text) = &self.payload else { return Err(not_an_object()) };
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(not_an_object());
        }
        serde_json::from_slice::<serde::de::IgnoredAny>(text).map(|_| ()).map_err(|_| not_an_object())
    }
}

fn not_an_object() -> Error {
    Error::input("a room with a history sends only JSON objects: their field `$at` holds their position")
}
