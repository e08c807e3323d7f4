//! Decoding of received text to a message.

mod field_call;
mod field_key;
mod find_field;
mod message_fields;
mod message_reader;
mod rewritten_object;
mod tagged;
mod tagged_variant;
mod unread;

pub(super) use self::find_field::find_field;
#[cfg(feature = "contract")]
pub(crate) use self::message_reader::refusal;
pub use self::{
    field_call::{FieldDefault, FieldReader, NoField, SkippedField},
    message_reader::{Decoded, decode},
    unread::Unread,
};
