//! What is known about correlation ids when the program is compiled.

use std::marker::PhantomData;

use super::message::{ClientMessage, Tagging};

/// The form of a type of messages; or none, through [`NoMessages`]: it is reported elsewhere that they are none.
#[derive(Debug)]
pub struct MessagesOf<M>(PhantomData<M>);

impl<'de, M: ClientMessage<'de>> MessagesOf<M> {
    /// How their kind is told.
    pub const TAGGING: Tagging = M::TAGGING;
    /// The names of their fields.
    pub const FIELDS: &'static [&'static str] = M::FIELDS;
}

/// The form of what is no message. Nothing of it is in a program that compiles.
pub trait NoMessages {
    /// Without a meaning.
    const TAGGING: Tagging = Tagging::Internal { tag: "" };
    /// None.
    const FIELDS: &'static [&'static str] = &[];
}

impl<M> NoMessages for MessagesOf<M> {}

/// Panics unless there is room for the id in messages of this form.
pub const fn id_fits(id: &str, tagging: Tagging, fields: &[&str]) {
    assert!(
        !matches!(tagging, Tagging::External),
        "the messages have no place for the id: give the enum `#[serde(tag = \"type\")]`"
    );
    assert!(!is_tag(tagging, id), "the id has the name of the messages' tag: give it another name");
    assert!(!contains(fields, id), "the id has the name of a field of the messages: give it another name");
}

/// Panics if the id has one of these names, which fields of the replies have.
pub const fn id_is_new(id: &str, names: &[&str]) {
    assert!(!contains(names, id), "the id has the name of a field of the replies: give it another name");
}

const fn is_tag(tagging: Tagging, id: &str) -> bool {
    match tagging {
        Tagging::Internal { tag } => equal(tag, id),
        Tagging::Adjacent { tag, content } => equal(tag, id) || equal(content, id),
        Tagging::External => false,
    }
}

pub(super) const fn contains(names: &[&str], wanted: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if equal(names[index], wanted) {
            return true;
        }
        index += 1;
    }
    false
}

/// `==` for what is known at compile time.
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// The checks of a session, in the length of an array.
pub trait Checked {
    /// The array.
    type Checked;
}
