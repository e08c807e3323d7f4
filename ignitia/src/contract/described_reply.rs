//! Replies, as a contract describes them.

use std::{any::type_name, convert::Infallible, fmt, marker::PhantomData};

use crate::{
    close::CloseFrame,
    dispatch::{MessageError, ServerMessage, Tagging},
    message::Message,
};

use super::type_schema::SchemaOf;

/// A reply whose parts are known by its type.
pub trait DescribedReply {
    /// Type of the messages in it.
    type Message;

    /// Adds the parts.
    fn describe(parts: &mut ReplyParts);
}

/// Parts that a reply may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyParts {
    /// Representation of its messages, if it has any.
    pub(super) tagging: Option<Tagging>,
    /// True if it may be an error.
    pub(super) fails: bool,
    /// Codes of the errors, as far as they are known.
    pub(super) codes: Vec<&'static str>,
    /// True if it may close the connection.
    pub(super) closes: bool,
    /// True if it may be a message without a type.
    pub(super) is_untyped: bool,
}

/// The messages of a reply without any.
#[derive(Debug)]
pub enum NoMessage {}

impl DescribedReply for () {
    type Message = NoMessage;

    fn describe(_: &mut ReplyParts) {}
}

impl DescribedReply for CloseFrame {
    type Message = NoMessage;

    fn describe(parts: &mut ReplyParts) {
        parts.closes = true;
    }
}

impl DescribedReply for Message {
    type Message = NoMessage;

    fn describe(parts: &mut ReplyParts) {
        parts.is_untyped = true;
    }
}

impl<M: ServerMessage> DescribedReply for M {
    type Message = M;

    fn describe(parts: &mut ReplyParts) {
        parts.tagging = Some(M::TAGGING);
    }
}

impl<R: DescribedReply> DescribedReply for Option<R> {
    type Message = R::Message;

    fn describe(parts: &mut ReplyParts) {
        R::describe(parts);
    }
}

impl<R: DescribedReply> DescribedReply for Vec<R> {
    type Message = R::Message;

    fn describe(parts: &mut ReplyParts) {
        R::describe(parts);
    }
}

impl<R: DescribedReply, E: MessageError> DescribedReply for Result<R, E> {
    type Message = R::Message;

    fn describe(parts: &mut ReplyParts) {
        R::describe(parts);
        if type_name::<E>() != type_name::<Infallible>() {
            parts.fails = true;
            parts.codes.extend(E::codes());
            // `MessageError::close` may return a frame: only a value of the error knows.
            parts.closes = true;
        }
    }
}

/// Finds the parts of a reply: those of its type, or none, through [`Undescribed`]. A type that is
/// no reply is reported elsewhere, and not here once more.
pub struct ReplyOf<R>(PhantomData<fn() -> R>);

impl<R> ReplyOf<R> {
    /// Creates a finder.
    #[allow(clippy::new_without_default, reason = "only expansions call it")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R: DescribedReply> ReplyOf<R> {
    /// Returns the parts.
    pub fn __parts(&self) -> ReplyParts {
        let mut parts = ReplyParts::default();
        R::describe(&mut parts);
        parts
    }

    /// Returns a finder for the schema of its messages.
    pub fn __message(&self) -> SchemaOf<R::Message> {
        SchemaOf::new()
    }
}

/// Types that are no replies.
pub trait Undescribed {
    /// Returns no parts.
    fn __parts(&self) -> ReplyParts {
        ReplyParts::default()
    }

    /// Returns a finder that finds no schema.
    fn __message(&self) -> SchemaOf<NoMessage> {
        SchemaOf::new()
    }
}

impl<R> Undescribed for ReplyOf<R> {}

impl<R> fmt::Debug for ReplyOf<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyOf").finish_non_exhaustive()
    }
}
