use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected},
};
use serde_json::value::RawValue;

/// The longest id in bytes; a UUID has 36.
const MAX: usize = 128;

/// The longest form of one byte in a string of JSON: `\u0061`.
const LONGEST_ESCAPE: usize = 6;

/// What an id must be, for those who sent something else.
pub(super) const EXPECTED: &str = "a number or a string, of at most 128 bytes";

/// A correlation id: what a client calls its request, to know the reply by it. A string or a number, as in JSON-RPC.
///
/// It is kept as the JSON that it was written in, and never read: a number that no type of Rust's can hold, or `1.50`,
/// comes back as the client wrote it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Id<'a>(Cow<'a, RawValue>);

impl Id<'_> {
    /// The JSON of it.
    pub(super) fn json(&self) -> &str {
        self.0.get()
    }

    /// The same id, for longer than the message it came in.
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
            Some(length) if length <= MAX => Ok(Id(Cow::Borrowed(raw))),
            Some(length) => Err(D::Error::invalid_length(length, &EXPECTED)),
            None => Err(D::Error::invalid_type(Unexpected::Other("neither"), &EXPECTED)),
        }
    }
}

/// How long a number or a string is, in bytes; `None` for anything else.
fn length(json: &str) -> Option<usize> {
    match json.as_bytes() {
        [b'-' | b'0'..=b'9', ..] => Some(json.len()),
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => Some(inner.len()),
        [b'"', inner @ .., b'"'] if inner.len() > MAX * LONGEST_ESCAPE => Some(inner.len()),
        // Half of a surrogate pair is seen only here.
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
