//! Future that sends a late reply.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{
    answer_writer::{AnswerEnd, AnswerMessage, AnswerRest, AnswerWriter},
    server_message::Answer,
};
use crate::{
    close::CloseFrame,
    connection::{Sending, WebSocketConnection},
    error::Result,
};

/// The future of [`WebSocketConnection::reply_to`]: `ws.reply_to(&request, reply).await`.
///
/// Its type has a name and does not depend on the reply's, so that rustc reports a wrong reply only
/// once.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Replying<'a> {
    ws: &'a WebSocketConnection,
    /// The message that is being queued.
    sending: Option<Sending<'a>>,
    more: VecDeque<AnswerMessage>,
    /// Result behind all messages, with the frame to close with; `None` once it is returned.
    end: Option<Result<Option<CloseFrame>>>,
}

impl<'a> Replying<'a> {
    pub(super) fn new(ws: &'a WebSocketConnection, answer: Result<Answer>) -> Self {
        let AnswerWriter { first, rest } = match answer {
            Ok(answer) => answer.writer,
            Err(error) => {
                return Self { ws, sending: None, more: VecDeque::new(), end: Some(Err(error)) };
            }
        };
        let AnswerRest { messages: more, end } = rest.map(|rest| *rest).unwrap_or_default();
        let end = match end {
            Some(AnswerEnd::Close(frame)) => Ok(Some(frame)),
            Some(AnswerEnd::Failure(error)) => Err(error.into()),
            None => Ok(None),
        };
        let sending = first.map(|first| first.sending(ws));
        Self { ws, sending, more, end: Some(end) }
    }
}

impl Future for Replying<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { ws, sending, more, end } = self.get_mut();
        while let Some(under_way) = sending {
            ready!(Pin::new(under_way).poll(cx))?;
            *sending = more.pop_front().map(|next| next.sending(ws));
        }
        match end.take().expect("polled again after completion")? {
            Some(frame) => Poll::Ready(ws.shared().close(Some(frame))),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl fmt::Debug for Replying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replying").field("ws", self.ws).finish_non_exhaustive()
    }
}
