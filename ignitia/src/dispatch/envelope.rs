use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{error::MessageError, id::Id};

/// What a client is told about an error: `{"type":"$error","id":..,"code":..,"path":..,"message":..,"expected":[..]}`,
/// the same for every representation of messages; what there is not is left out.
#[derive(Debug, Clone)]
pub struct ErrorReply<'a> {
    pub(super) code: &'a str,
    pub(super) path: Option<&'a str>,
    pub(super) message: Cow<'a, str>,
    pub(super) expected: &'a [String],
}

impl<'a, E: MessageError + ?Sized> From<&'a E> for ErrorReply<'a> {
    fn from(error: &'a E) -> Self {
        Self { code: error.code(), path: None, message: error.public_message(), expected: &[] }
    }
}

/// Without an id.
impl Serialize for ErrorReply<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Answering { error: self, id: None }.serialize(serializer)
    }
}

/// An error, with the name and the value of the id that it answers.
pub(super) struct Answering<'a> {
    pub(super) error: &'a ErrorReply<'a>,
    pub(super) id: Option<(&'static str, &'a Id<'a>)>,
}

impl Serialize for Answering<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ErrorReply { code, path, message, expected } = self.error;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "$error")?;
        if let Some((name, id)) = self.id {
            map.serialize_entry(name, id)?;
        }
        map.serialize_entry("code", code)?;
        if let Some(path) = path {
            map.serialize_entry("path", path)?;
        }
        map.serialize_entry("message", message)?;
        if !expected.is_empty() {
            map.serialize_entry("expected", expected)?;
        }
        map.end()
    }
}
