use std::future::{Future, ready};

use bytes::Bytes;

use super::reply::{Answer, Reply};
use crate::connection::WebSocketConnection;

/// What an `on_message` function does with input that is none of its messages: `on_raw = ..`, `on_binary = ..`.
#[doc(hidden)]
pub trait OtherInput {
    /// Text that could not be decoded; `None` leaves it malformed.
    fn raw(_: &str, _: &WebSocketConnection) -> impl Future<Output = Option<Answer>> + Send {
        ready(None)
    }

    /// A binary message, if such are taken.
    fn binary(_: Bytes, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }
}

/// Nothing of the kind.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoOtherInput;

impl OtherInput for NoOtherInput {}

/// What `on_raw` may return: an `Option` of a [`Reply`]. `None` says that the text is none of its own: it is malformed then.
#[diagnostic::on_unimplemented(
    message = "`on_raw` cannot return `{Self}`",
    label = "expected `Option<R>`, where `R` is a reply",
    note = "return `None` for text that is malformed, and for your own `Some(reply)`: `Some(())` says nothing, `Some(Message::from(\"pong\"))` sends text"
)]
pub trait RawReply<M> {
    #[doc(hidden)]
    fn answer_raw(self) -> Option<Answer>;
}

impl<M, R: Reply<M>> RawReply<M> for Option<R> {
    fn answer_raw(self) -> Option<Answer> {
        self.map(|reply| Answer::of::<M, R>(reply, None))
    }
}

impl Answer {
    /// The same of what `on_raw` returned.
    pub fn of_raw<M, R: RawReply<M>>(reply: R) -> Option<Self> {
        reply.answer_raw()
    }
}
