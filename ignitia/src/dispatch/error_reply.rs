//! Error messages to the client.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{correlation_id::ReplyId, message_error::MessageError};

/// An error message to the client:
/// `{"type":"$error","id":..,"code":..,"path":..,"message":..,"expected":[..]}`.
///
/// It is the same for every representation of messages. Fields without a value are left out.
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

/// Writes the error without an id.
impl Serialize for ErrorReply<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CorrelatedError { error: self, id: None }.serialize(serializer)
    }
}

/// An error with the id of the request that it answers.
pub(super) struct CorrelatedError<'a> {
    pub(super) error: &'a ErrorReply<'a>,
    pub(super) id: ReplyId<'a>,
}

impl Serialize for CorrelatedError<'_> {
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
