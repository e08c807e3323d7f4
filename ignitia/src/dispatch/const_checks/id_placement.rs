//! Compile-time checks that messages have a place for the correlation id.

use std::marker::PhantomData;

use super::const_str::{contains, equal};
use crate::dispatch::client_message::{ClientMessage, Tagging};

/// Representation of a type of messages. A type that is none has an empty one, through
/// [`NoMessages`]: the error is reported elsewhere.
#[derive(Debug)]
pub struct MessagesOf<M>(PhantomData<M>);

impl<'de, M: ClientMessage<'de>> MessagesOf<M> {
    /// Representation of their kind.
    pub const TAGGING: Tagging = M::TAGGING;
    /// Names of their fields.
    pub const FIELDS: &'static [&'static str] = M::FIELDS;
}

/// Representation of a type that is no message. It stands in no program that compiles.
pub trait NoMessages {
    /// A placeholder.
    const TAGGING: Tagging = Tagging::Internal { tag: "" };
    /// No fields.
    const FIELDS: &'static [&'static str] = &[];
}

impl<M> NoMessages for MessagesOf<M> {}

/// Panics unless messages of this representation have a place for the id.
pub const fn id_fits(id: &str, tagging: Tagging, fields: &[&str]) {
    assert!(
        !matches!(tagging, Tagging::External),
        "the messages have no place for the id: give the enum `#[serde(tag = \"type\")]`"
    );
    assert!(!is_tag(tagging, id), "the id is named like the messages' tag: give it another name");
    assert!(!contains(fields, id), "the id is named like a field of the messages: give it another name");
}

/// Panics if a field of the replies has the name of the id.
pub const fn id_is_new(id: &str, names: &[&str]) {
    assert!(!contains(names, id), "the id is named like a field of the replies: give it another name");
}

const fn is_tag(tagging: Tagging, id: &str) -> bool {
    match tagging {
        Tagging::Internal { tag } => equal(tag, id),
        Tagging::Adjacent { tag, content } => equal(tag, id) || equal(content, id),
        Tagging::External => false,
    }
}
