//! Replies to text that could not be decoded.

use super::server_message::{Answer, Reply};

/// Return value of `on_raw`: an `Option` of a [`Reply`]. `None` leaves the text malformed.
#[diagnostic::on_unimplemented(
    message = "`on_raw` cannot return `{Self}`",
    label = "expected `Option<R>`, where `R` is a reply",
    note = "return `None` if the text is malformed, else `Some(reply)`: `Some(())` sends nothing, `Some(Message::from(\"pong\"))` sends text"
)]
pub trait RawReply<M> {
    /// Writes the reply, if there is one.
    #[doc(hidden)]
    fn answer_raw(self) -> Option<Answer>;
}

impl<M, R: Reply<M>> RawReply<M> for Option<R> {
    fn answer_raw(self) -> Option<Answer> {
        self.map(|reply| Answer::of::<M, R>(reply, None))
    }
}

impl Answer {
    /// Writes a reply of `on_raw`.
    pub fn of_raw<M, R: RawReply<M>>(reply: R) -> Option<Self> {
        reply.answer_raw()
    }
}
