use serde::{Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::value::RawValue;

use super::position::Position;
use crate::{connection::SharedFrame, error::Result};

/// A message that a room remembers: see [`Room::history`](super::Room::history).
///
/// Serialized, it is the JSON object that it was sent as, `$at` included: a list of them can be a field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    at: Position,
    text: String,
}

impl Remembered {
    pub(super) fn new(at: Position, frame: &SharedFrame) -> Self {
        // It was text when it was encoded.
        Self { at, text: String::from_utf8_lossy(frame.payload()).into_owned() }
    }

    /// Where in the history it stands.
    pub fn at(&self) -> Position {
        self.at
    }

    /// The message as it was sent: a JSON object with its position in `$at`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same, to be sent on.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The message itself, without its position.
    ///
    /// # Errors
    ///
    /// [`Error::is_json`](crate::Error::is_json) if it is no `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        let position_field = format!(r#""$at":"{}"}}"#, self.at);
        let fields = self.text.strip_suffix(&position_field).unwrap_or(&self.text);
        Ok(serde_json::from_str(&format!("{}}}", fields.strip_suffix(',').unwrap_or(fields)))?)
    }
}

impl Serialize for Remembered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.text).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}
