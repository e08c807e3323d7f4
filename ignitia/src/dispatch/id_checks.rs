//! What is known about correlation ids when the program is compiled.

use super::{
    message::{CarriesId, ClientMessage, ServerMessage, Tagging},
    reply::Reply,
};

/// Panics unless there is room for the id in the messages that clients send.
pub const fn id_fits<'de, M: ClientMessage<'de>>(id: &str) {
    assert!(
        !matches!(M::TAGGING, Tagging::External),
        "the messages have no place for the id: give the enum `#[serde(tag = \"type\")]`"
    );
    assert!(!is_tag(M::TAGGING, id), "the id has the name of the messages' tag: give it another name");
    assert!(!contains(M::FIELDS, id), "the id has the name of a field of the messages: give it another name");
}

/// The same, for the message that all replies are made of.
pub const fn id_is_carried<M: ServerMessage + CarriesId>(id: &str) {
    id_is_free::<M>(id);
}

/// Panics if the id is in replies already.
pub const fn id_is_free<R: Reply>(id: &str) {
    assert!(!contains(R::NAMES, id), "the id has the name of a field of the replies: give it another name");
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
