use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Visitor},
};

/// The longest id in bytes; a UUID has 36.
const MAX: usize = 128;

/// What an id must be, for those who sent something else.
pub(super) const EXPECTED: &str = "a number, or a string of at most 128 bytes";

/// A correlation id: what a client calls its request, to know the reply by it. A string or a number, as in JSON-RPC.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Id<'a> {
    /// Not negative.
    Unsigned(u64),
    /// Negative.
    Signed(i64),
    /// With a fraction.
    Float(f64),
    /// A string.
    Text(Cow<'a, str>),
}

impl Id<'_> {
    /// The same id, for longer than the message it came in.
    pub fn into_owned(self) -> Id<'static> {
        match self {
            Id::Unsigned(id) => Id::Unsigned(id),
            Id::Signed(id) => Id::Signed(id),
            Id::Float(id) => Id::Float(id),
            Id::Text(id) => Id::Text(Cow::Owned(id.into_owned())),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> Visitor<'de> for IdVisitor {
    type Value = Id<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<Id<'de>, E> {
        Ok(Id::Unsigned(id))
    }

    fn visit_i64<E: Error>(self, id: i64) -> Result<Id<'de>, E> {
        Ok(Id::Signed(id))
    }

    fn visit_f64<E: Error>(self, id: f64) -> Result<Id<'de>, E> {
        Ok(Id::Float(id))
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<Id<'de>, E> {
        check(id)?;
        Ok(Id::Text(Cow::Owned(id.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, id: &'de str) -> Result<Id<'de>, E> {
        check(id)?;
        Ok(Id::Text(Cow::Borrowed(id)))
    }
}

fn check<E: Error>(id: &str) -> Result<(), E> {
    if id.len() > MAX { Err(E::invalid_length(id.len(), &EXPECTED)) } else { Ok(()) }
}
