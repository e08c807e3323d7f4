use serde::{Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::value::RawValue;

use super::position::Position;
use crate::{connection::SharedFrame, error::Result};

/// Message that a room remembers: see [`Room::history`](super::Room::history).
///
/// It serializes to the JSON object that was sent, `$at` included, so a list of them can be a field
/// of a message. A contract (feature `contract`) cannot know which enum that is, and has it as a
/// problem: write `#[schemars(with = "Vec<Tell>")]` at the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    at: Position,
    text: String,
}

impl Remembered {
    pub(super) fn new(at: Position, frame: &SharedFrame) -> Self {
        // Only text has a position, so the conversion loses nothing.
        Self { at, text: String::from_utf8_lossy(frame.payload()).into_owned() }
    }

    /// Returns its position in the history.
    pub fn at(&self) -> Position {
        self.at
    }

    /// Returns the message as it was sent: a JSON object with its position in `$at`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the same text as a `String`, to be sent on.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Parses the message, without its position.
    ///
    /// # Errors
    ///
    /// [`Error::is_json`](crate::Error::is_json) if it is not a `T`.
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

#[cfg(feature = "contract")]
impl Remembered {
    /// Keyword of a schema whose values are messages of an enum that it does not name.
    pub(crate) const UNNAMED: &str = "x-ignitia-unnamed-message";
}

#[cfg(feature = "contract")]
impl schemars::JsonSchema for Remembered {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Remembered".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "A message that the room remembers, as it was sent.",
            Self::UNNAMED: true,
        })
    }
}
