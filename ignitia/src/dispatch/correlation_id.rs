//! Correlation ids of requests and their replies.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected},
};
use serde_json::value::RawValue;

/// Length limit of an id, in bytes; a UUID has 36.
const MAX_LENGTH: usize = 128;

/// Length of the longest form of one byte in a JSON string: `\u0061`.
const LONGEST_ESCAPE: usize = 6;

/// Description of a valid id, for error replies.
pub(super) const EXPECTED: &str = "a number or a string, of at most 128 bytes";

/// A correlation id: the client's name of a request, which its replies repeat. A string or a
/// number, as in JSON-RPC.
///
/// It is kept as the client's JSON and never parsed. A number that no type of Rust can hold, or
/// `1.50`, comes back as the client wrote it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Id<'a>(Cow<'a, RawValue>);

/// Name and value of the id that a reply carries; `None` without an id.
#[doc(hidden)]
pub type ReplyId<'a> = Option<(&'static str, &'a Id<'a>)>;

impl Id<'_> {
    /// Returns the id as JSON.
    pub(super) fn json(&self) -> &str {
        self.0.get()
    }

    /// Copies the id, which then may outlive its message.
    pub fn into_owned(self) -> Id<'static> {
        Id(Cow::Owned(self.0.into_owned()))
    }
}

impl PartialEq for Id<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        match length(raw.get()) {
            Some(length) if length <= MAX_LENGTH => Ok(Id(Cow::Borrowed(raw))),
            Some(length) => Err(D::Error::invalid_length(length, &EXPECTED)),
            None => Err(D::Error::invalid_type(Unexpected::Other("neither"), &EXPECTED)),
        }
    }
}

/// Returns the length of a number or a string in bytes, without quotes and escapes; `None` for
/// anything else.
fn length(json: &str) -> Option<usize> {
    match json.as_bytes() {
        [b'-' | b'0'..=b'9', ..] => Some(json.len()),
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Some(inner.len()),
        [b'"', inner @ .., b'"'] if inner.len() > MAX_LENGTH * LONGEST_ESCAPE => Some(inner.len()),
        // Only the parser finds half of a surrogate pair.
        [b'"', ..] => serde_json::from_str::<String>(json).ok().map(|text| text.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_string_is_that_of_what_it_stands_for() {
        for (json, expected) in [
            ("-12.50e3", Some(8)),
            (r#""""#, Some(0)),
            (r#""ab""#, Some(2)),
            (r#""ü""#, Some(2)),
            (r#""\u0061\n""#, Some(2)),
            (r#""\ud83d\ude00""#, Some(4)),
            (r#""\ud83d""#, None),
            ("true", None),
            ("{}", None),
            ("[1]", None),
        ] {
            assert_eq!(length(json), expected, "{json}");
        }
    }
}
