use super::{
    position::Position,
    room_message::{EncodedMessage, MessagePayload},
};
use crate::{
    connection::{CompressedForms, CompressedPrefix, SharedFrame, WantedForms},
    error::Result,
    protocol::{BINARY, TEXT},
};

/// Frames of a message for many members. It is compressed before a room is locked.
pub(super) struct BroadcastFrames<'a> {
    message: &'a EncodedMessage,
    /// Compressed forms of the message as it is.
    forms: CompressedForms,
    /// Compressed fields in front of a position.
    prefix: CompressedPrefix,
}

/// Frames that a broadcast needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct NeededFrames {
    /// True if some members are sent the message as it is.
    pub(super) plain: bool,
    /// True if some members are sent the message with its position in a history.
    pub(super) with_position: bool,
}

impl<'a> BroadcastFrames<'a> {
    /// Compresses a message in the forms that are `wanted` of a text (or of bytes) of this length.
    pub(super) fn new(
        message: &'a EncodedMessage,
        needed: NeededFrames,
        wanted: impl FnOnce(bool, usize) -> WantedForms,
    ) -> Self {
        let (mut forms, mut prefix) = Default::default();
        if !message.is_uncompressed {
            let (opcode, payload) = match &message.payload {
                MessagePayload::Text(text) => (TEXT, &text[..]),
                MessagePayload::Binary(bytes) => (BINARY, &bytes[..]),
            };
            let wanted = wanted(opcode == TEXT, payload.len());
            if needed.plain {
                forms = CompressedForms::of(wanted, opcode, payload);
            }
            if needed.with_position
                && let Ok(fields) = message.fields()
            {
                prefix = CompressedPrefix::of(wanted, fields);
            }
        }
        Self { message, forms, prefix }
    }

    /// Returns the frame of the message as it is.
    pub(super) fn frame(&self) -> SharedFrame {
        match &self.message.payload {
            MessagePayload::Text(text) => SharedFrame::text(text),
            MessagePayload::Binary(bytes) => SharedFrame::binary(bytes),
        }
        .with_forms(self.forms.clone())
    }

    /// Returns the frame of a message with its position: in the field `$at`, which is the last one,
    /// so that no other field of that name comes after it.
    pub(super) fn frame_at(&self, position: Position) -> Result<SharedFrame> {
        let fields = self.message.fields()?;
        let is_empty = fields.trim_ascii_end() == b"{";
        let comma = if is_empty { "" } else { "," };
        let suffix = format!(r#"{comma}"$at":"{position}"}}"#);
        let forms = self.prefix.with_suffix(suffix.as_bytes());
        Ok(SharedFrame::text(&[fields, suffix.as_bytes()].concat()).with_forms(forms))
    }
}
