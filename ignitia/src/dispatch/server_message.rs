//! Messages that the server sends, and replies made of them.

use serde::Serialize;

use super::{
    answer_writer::AnswerWriter,
    client_message::Tagging,
    correlation_id::ReplyId,
    error_reply::ErrorReply,
    evaluated_bound::{Impossible, Nothing},
    message_error::MessageError,
};
use crate::{
    close::{CloseCode, CloseFrame},
    message::Message,
};

/// An enum of the messages that the server sends: `#[derive(Serialize, ServerMessage)]`.
///
/// ```
/// use ignitia::ServerMessage;
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum ServerMsg {
///     Said { from: u64, text: String }, // {"type":"said","from":7,"text":"hi"}
///     Joined,                           // {"type":"joined"}
///     #[message(transient)]
///     Typing { who: u64 },              // in no room's history
/// }
/// ```
///
/// `serde_json` writes the message. It writes an `f64` that is NaN or infinite as `null`, which a
/// [`ClientMessage`](crate::ClientMessage) with an `f64` does not accept: write `Option<f64>` on
/// both sides for a number that may be missing.
///
/// `#[message(uncompressed)]` is for variants that are sent as they are on connections with
/// compression, too: those with a secret, which must not share a compressed message with text of an
/// attacker's choice, and those whose content is compressed already.
///
/// `#[message(transient)]` is for variants that matter only while they are new. The members of a
/// room receive them in order with the other messages, but the room's history does not keep them,
/// and they have no `$at`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that the server sends",
    label = "expected an enum with `#[derive(Serialize, ServerMessage)]`",
    note = "add `#[derive(serde::Serialize, ignitia::ServerMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait ServerMessage: Serialize + Reply {
    /// Representation of the kind.
    const TAGGING: Tagging;

    /// Names of the fields in all variants.
    const FIELDS: &'static [&'static str];

    /// Returns true if no history keeps the message: its variant has `#[message(transient)]`.
    fn is_transient(&self) -> bool {
        false
    }

    /// Returns true if the message is sent as it is on connections with compression, too: its
    /// variant has `#[message(uncompressed)]`.
    fn is_uncompressed(&self) -> bool {
        false
    }
}

/// Message type of endpoints that name none.
#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that no code names")]
pub enum AnyMessage {}

/// Reply to a message: nothing (`()`), a [`ServerMessage`], an `Option` or a `Vec` of it, a
/// [`CloseFrame`], which closes the connection, or a `Result` of these and a [`MessageError`].
///
/// A [`Message`] is a reply too, for clients that expect something other than typed messages. It is
/// sent as it is, without an id.
#[diagnostic::on_unimplemented(
    message = "a message cannot be answered with `{Self}`",
    label = "`{Self}` is not a valid reply here",
    note = "answer with `()`, with the enum of server messages (`#[derive(Serialize, ServerMessage)]`), an `Option` or `Vec` of it, or a `CloseFrame`",
    note = "or with a `Result` of these, and an error that implements `MessageError`"
)]
pub trait Reply<M = AnyMessage> {
    /// Names of the fields in all messages of the reply.
    #[doc(hidden)]
    const NAMES: &'static [&'static str];

    /// Writes the reply to the answer.
    #[doc(hidden)]
    fn answer(self, to: ReplyId<'_>, answer: &mut Answer);
}

/// A reply, as a projection of its own type.
///
/// A bound on [`Itself`](Self::Itself) is not checked for a type that is no [`Reply`]: rustc
/// reports the missing `Reply`, and not the bound too.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a message cannot be answered with `{Self}`",
    label = "`{Self}` is not a valid reply here",
    note = "answer with `()`, with the enum of server messages (`#[derive(Serialize, ServerMessage)]`), an `Option` or `Vec` of it, or a `CloseFrame`",
    note = "or with a `Result` of these, and an error that implements `MessageError`"
)]
pub trait OfItself<M> {
    /// The type itself.
    type Itself: Reply<M>;

    /// Returns the reply itself.
    fn itself(self) -> Self::Itself;
}

#[diagnostic::do_not_recommend]
impl<M, R: Reply<M>> OfItself<M> for R {
    type Itself = R;

    #[inline]
    fn itself(self) -> R {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<M, R> OfItself<M> for R
where
    Nothing<R>: Impossible,
{
    type Itself = ();

    fn itself(self) {}
}

/// Messages that can carry a correlation id: JSON objects with a tag in them, and replies made of
/// them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place for the correlation id",
    label = "an id needs `#[serde(tag = \"type\")]`",
    note = "with `id = ..`, give the enum `#[serde(tag = \"type\")]`, with or without `content`"
)]
pub trait CarriesId {}

/// Answer to one message.
///
/// It is defined beside [`Reply`], and not with its writer: so rustc's errors name its functions
/// `Answer::of`, without the module of an `impl` block.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Answer {
    pub(super) writer: AnswerWriter,
}

impl Answer {
    /// Writes a reply.
    pub fn of<M, R: Reply<M>>(reply: R, to: ReplyId<'_>) -> Self {
        let mut answer = Self::default();
        reply.answer(to, &mut answer);
        answer
    }

    /// Writes a reply of an endpoint whose messages have ids.
    pub fn with_id<M, R: OfItself<M, Itself: CarriesId>>(reply: R, to: ReplyId<'_>) -> Self {
        Self::of::<M, _>(reply.itself(), to)
    }

    /// Writes a message.
    pub fn message<M: ServerMessage>(&mut self, message: &M, to: ReplyId<'_>) {
        self.writer.write(message, to, message.is_uncompressed());
    }

    /// Writes an error.
    pub(super) fn error(error: &ErrorReply<'_>, to: ReplyId<'_>) -> Self {
        let mut answer = Self::default();
        answer.writer.write_error(error, to);
        answer
    }
}

impl<M> Reply<M> for () {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: ReplyId<'_>, _: &mut Answer) {}
}

impl<M> Reply<M> for CloseFrame {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: ReplyId<'_>, answer: &mut Answer) {
        answer.writer.close(self);
    }
}

/// Sent as it is. [`Message::Close`] closes, with 1000 if it has no frame.
impl<M> Reply<M> for Message {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: ReplyId<'_>, answer: &mut Answer) {
        match self {
            Message::Close(frame) => {
                answer
                    .writer
                    .close(frame.unwrap_or(CloseFrame { code: CloseCode::NORMAL, reason: String::new() }));
            }
            message => answer.writer.write_raw(message),
        }
    }
}

impl<M: ServerMessage> Reply<M> for M {
    const NAMES: &'static [&'static str] = M::FIELDS;

    fn answer(self, to: ReplyId<'_>, answer: &mut Answer) {
        answer.message(&self, to);
    }
}

impl<M, R: Reply<M>> Reply<M> for Option<R> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: ReplyId<'_>, answer: &mut Answer) {
        if let Some(reply) = self {
            reply.answer(to, answer);
        }
    }
}

impl<M, R: Reply<M>> Reply<M> for Vec<R> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: ReplyId<'_>, answer: &mut Answer) {
        for reply in self {
            reply.answer(to, answer);
        }
    }
}

impl<M, R: Reply<M>, E: MessageError> Reply<M> for Result<R, E> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: ReplyId<'_>, answer: &mut Answer) {
        match self {
            Ok(reply) => reply.answer(to, answer),
            Err(error) => {
                tracing::debug!(code = error.code(), %error, "a message was answered with an error");
                answer.writer.write_error(&ErrorReply::from(&error), to);
                if let Some(frame) = error.close() {
                    answer.writer.close(frame);
                }
            }
        }
    }
}

impl CarriesId for () {}
impl CarriesId for CloseFrame {}
impl<R: CarriesId> CarriesId for Option<R> {}
impl<R: CarriesId> CarriesId for Vec<R> {}
impl<R: CarriesId, E> CarriesId for Result<R, E> {}
