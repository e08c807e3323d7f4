//! The type that `reply = ..` names, and replies made of it.

use std::marker::PhantomData;

use super::{
    correlation_id::ReplyId,
    raw_reply::RawReply,
    server_message::{Answer, CarriesId, Reply},
};

/// Replies made of `M`; or of any type that is no message, through [`NoReplies`]. Such a type is
/// reported once, where [`are_messages`] names it, and not for every method that replies with it.
#[derive(Debug)]
pub struct Replies<M>(PhantomData<M>);

impl<M: Reply<M>> Replies<M> {
    /// Names of the fields in all of them.
    pub const NAMES: &'static [&'static str] = M::NAMES;

    /// Writes a reply.
    pub fn of<R: Reply<M>>(reply: R, to: ReplyId<'_>) -> Answer {
        Answer::of(reply, to)
    }

    /// Writes a reply of `on_raw`.
    pub fn of_raw<R: RawReply<M>>(reply: R) -> Option<Answer> {
        Answer::of_raw(reply)
    }

    /// Compiles if the replies have a place for an id.
    pub fn carry_an_id()
    where
        M: CarriesId,
    {
    }
}

/// Replies of a type that is no message. They stand in no program that compiles.
pub trait NoReplies {
    /// No names.
    const NAMES: &'static [&'static str] = &[];

    /// Writes nothing.
    fn of<R>(_: R, _: ReplyId<'_>) -> Answer {
        Answer::default()
    }

    /// Writes nothing.
    fn of_raw<R>(_: R) -> Option<Answer> {
        None
    }

    /// Does nothing.
    fn carry_an_id() {}
}

impl<M> NoReplies for Replies<M> {}

/// Fields of the type that a function returns, if it is a reply; or none, through [`NoReplies`].
#[derive(Debug)]
pub struct FieldsOf<R>(PhantomData<R>);

impl<R: Reply> FieldsOf<R> {
    /// Names of the fields.
    pub const NAMES: &'static [&'static str] = R::NAMES;
}

impl<R> NoReplies for FieldsOf<R> {}

/// Types that `reply = ..` may name: messages, and other types that are replies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that the server sends",
    label = "expected an enum with `#[derive(Serialize, ServerMessage)]`",
    note = "add `#[derive(serde::Serialize, ignitia::ServerMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait AreReplies {}

#[diagnostic::do_not_recommend]
impl<M: Reply<M>> AreReplies for M {}

/// Compiles if `M` is a reply.
pub fn are_messages<M: AreReplies>() {}
