use serde::Serialize;

use super::{
    envelope::{Answering, ErrorReply},
    error::MessageError,
    id::Id,
    message::{CarriesId, ServerMessage},
};
use crate::{
    close::{CloseCode, CloseFrame},
    connection::{Sending, WebSocketConnection},
    evaluated::{Impossible, Nothing},
    message::Message,
};

/// Stands for the message type of endpoints that name none.
#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that nobody names")]
pub enum AnyMessage {}

/// What a message can be answered with: nothing (`()`), a [`ServerMessage`], an `Option` or a `Vec` of it, a
/// [`CloseFrame`], which closes the connection, or a `Result` of these and a [`MessageError`].
///
/// A [`Message`] is a reply too, where clients expect something else than typed messages: it is sent as it is, without an id.
#[diagnostic::on_unimplemented(
    message = "a message cannot be answered with `{Self}`",
    label = "`{Self}` is no reply here",
    note = "answer with `()`, with the enum of server messages (`#[derive(Serialize, ServerMessage)]`), an `Option` or `Vec` of it, or a `CloseFrame`",
    note = "or with a `Result` of these, and an error that implements `MessageError`"
)]
pub trait Reply<M = AnyMessage> {
    #[doc(hidden)]
    const NAMES: &'static [&'static str];

    #[doc(hidden)]
    fn answer(self, to: Asked<'_>, answer: &mut Answer);
}

/// A reply, by way of its being one. A bound on [`Itself`](Self::Itself) says nothing of what is no reply: that is one mistake, and
/// reported as such.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a message cannot be answered with `{Self}`",
    label = "`{Self}` is no reply here",
    note = "answer with `()`, with the enum of server messages (`#[derive(Serialize, ServerMessage)]`), an `Option` or `Vec` of it, or a `CloseFrame`",
    note = "or with a `Result` of these, and an error that implements `MessageError`"
)]
pub trait OfItself<M> {
    /// The same type.
    type Itself: Reply<M>;

    /// The same reply.
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

/// The name and the value of the id that a reply carries.
#[doc(hidden)]
pub type Asked<'a> = Option<(&'static str, &'a Id<'a>)>;

/// What goes out on account of one message.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Answer {
    pub(super) first: Option<Outgoing>,
    pub(super) more: Vec<Outgoing>,
    pub(super) close: Option<CloseFrame>,
    /// Why the answer ends here.
    pub(super) failure: Option<serde_json::Error>,
}

/// One message of an answer.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// Written already.
    Json(Vec<u8>),
    Raw(Message),
}

impl Outgoing {
    /// The future of queueing it. None for a close frame, which is never kept here.
    pub(super) fn sending(self, ws: &WebSocketConnection) -> Option<Sending<'_>> {
        match self {
            Self::Json(text) => Some(ws.send_encoded(Ok(text))),
            Self::Raw(message) => ws.sending(message).ok(),
        }
    }

    /// Queues it, as [`WebSocketConnection::send`] does.
    pub(super) async fn send(self, ws: &WebSocketConnection) -> crate::error::Result<()> {
        match self.sending(ws) {
            Some(sending) => sending.await,
            None => Ok(()),
        }
    }
}

impl Answer {
    /// Writes a reply.
    pub fn of<M, R: Reply<M>>(reply: R, to: Asked<'_>) -> Self {
        let mut answer = Self::default();
        reply.answer(to, &mut answer);
        answer
    }

    /// The same for endpoints whose messages have ids.
    pub fn with_id<M, R: OfItself<M, Itself: CarriesId>>(reply: R, to: Asked<'_>) -> Self {
        Self::of::<M, _>(reply.itself(), to)
    }

    pub(super) fn error(error: &ErrorReply<'_>, to: Asked<'_>) -> Self {
        let mut answer = Self::default();
        answer.push(&Answering { error, id: to }, None);
        answer
    }

    /// Writes a message.
    pub fn message<M: ServerMessage>(&mut self, message: &M, to: Asked<'_>) {
        self.push(message, to);
    }

    fn push<T: Serialize>(&mut self, message: &T, to: Asked<'_>) {
        if self.is_complete() {
            return;
        }
        match encode(message, to) {
            Ok(text) => self.add(Outgoing::Json(text)),
            Err(error) => self.failure = Some(error),
        }
    }

    fn add(&mut self, reply: Outgoing) {
        match self.first {
            None => self.first = Some(reply),
            Some(_) => self.more.push(reply),
        }
    }

    fn close(&mut self, frame: CloseFrame) {
        if !self.is_complete() {
            self.close = Some(frame);
        }
    }

    /// Whether nothing more may be added.
    fn is_complete(&self) -> bool {
        self.close.is_some() || self.failure.is_some()
    }
}

/// A message as JSON, with the id in front of its fields.
fn encode<T: Serialize>(message: &T, to: Asked<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let Some((name, id)) = to else { return serde_json::to_vec(message) };
    let mut text = Vec::with_capacity(128);
    text.push(b'{');
    serde_json::to_writer(&mut text, name)?;
    text.push(b':');
    text.extend_from_slice(id.json().as_bytes());
    let object = text.len();
    serde_json::to_writer(&mut text, message)?;
    // The message is an object with a tag in it: its brace becomes the comma.
    text[object] = b',';
    Ok(text)
}

impl<M> Reply<M> for () {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: Asked<'_>, _: &mut Answer) {}
}

impl<M> Reply<M> for CloseFrame {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: Asked<'_>, answer: &mut Answer) {
        answer.close(self);
    }
}

/// As it is. [`Message::Close`] closes, with 1000 if it has no frame.
impl<M> Reply<M> for Message {
    const NAMES: &'static [&'static str] = &[];

    fn answer(self, _: Asked<'_>, answer: &mut Answer) {
        match self {
            Message::Close(frame) => {
                answer.close(frame.unwrap_or(CloseFrame { code: CloseCode::NORMAL, reason: String::new() }));
            }
            _ if answer.is_complete() => {}
            message => answer.add(Outgoing::Raw(message)),
        }
    }
}

impl<M: ServerMessage> Reply<M> for M {
    const NAMES: &'static [&'static str] = M::FIELDS;

    fn answer(self, to: Asked<'_>, answer: &mut Answer) {
        answer.push(&self, to);
    }
}

impl<M, R: Reply<M>> Reply<M> for Option<R> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: Asked<'_>, answer: &mut Answer) {
        if let Some(reply) = self {
            reply.answer(to, answer);
        }
    }
}

impl<M, R: Reply<M>> Reply<M> for Vec<R> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: Asked<'_>, answer: &mut Answer) {
        for reply in self {
            reply.answer(to, answer);
        }
    }
}

impl<M, R: Reply<M>, E: MessageError> Reply<M> for Result<R, E> {
    const NAMES: &'static [&'static str] = R::NAMES;

    fn answer(self, to: Asked<'_>, answer: &mut Answer) {
        match self {
            Ok(reply) => reply.answer(to, answer),
            Err(error) => {
                tracing::debug!(code = error.code(), %error, "a message was answered with an error");
                answer.push(&Answering { error: &ErrorReply::from(&error), id: to }, None);
                if let Some(frame) = error.close() {
                    answer.close(frame);
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
