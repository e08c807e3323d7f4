//! The replies of a session whose messages have a type: `reply = ServerMsg`.

use std::marker::PhantomData;

use super::{
    message::CarriesId,
    other_input::RawReply,
    reply::{Answer, Asked, Reply},
};

/// Replies that are made of `M`; or of whatever type, through [`NoReplies`]. So a type that is no message is complained about once,
/// where [`are_messages`] names it, and not by every method that answers with it.
#[derive(Debug)]
pub struct Replies<M>(PhantomData<M>);

impl<M: Reply<M>> Replies<M> {
    /// The names of the fields in all of them.
    pub const NAMES: &'static [&'static str] = M::NAMES;

    /// Writes one.
    pub fn of<R: Reply<M>>(reply: R, to: Asked<'_>) -> Answer {
        Answer::of(reply, to)
    }

    /// Writes one of `on_raw`.
    pub fn of_raw<R: RawReply<M>>(reply: R) -> Option<Answer> {
        Answer::of_raw(reply)
    }

    /// Is there if an id has its place in them.
    pub fn carry_an_id()
    where
        M: CarriesId,
    {
    }
}

/// The replies of a type that is no message. Nothing of it is in a program that compiles.
pub trait NoReplies {
    /// None.
    const NAMES: &'static [&'static str] = &[];

    /// Nothing.
    fn of<R>(_: R, _: Asked<'_>) -> Answer {
        Answer::default()
    }

    /// Nothing.
    fn of_raw<R>(_: R) -> Option<Answer> {
        None
    }

    /// Does nothing.
    fn carry_an_id() {}
}

impl<M> NoReplies for Replies<M> {}

/// The fields of what a function returns, if that is a reply; or none, through [`NoReplies`].
#[derive(Debug)]
pub struct FieldsOf<R>(PhantomData<R>);

impl<R: Reply> FieldsOf<R> {
    /// Their names.
    pub const NAMES: &'static [&'static str] = R::NAMES;
}

impl<R> NoReplies for FieldsOf<R> {}

/// What `reply = ..` may name: a message, or something else that answers by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that clients are sent",
    label = "expected an enum with `#[derive(Serialize, ServerMessage)]`",
    note = "add `#[derive(serde::Serialize, ignitia::ServerMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait AreReplies {}

#[diagnostic::do_not_recommend]
impl<M: Reply<M>> AreReplies for M {}

/// Is there for what answers.
pub fn are_messages<M: AreReplies>() {}
