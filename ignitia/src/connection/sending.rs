//! Future of a send.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    frame_checks::check_control,
    state::{MessageKind, NotQueued, Shared},
    wait::Wait,
};
use crate::{
    close::CloseFrame,
    error::{Error, Result},
    message::{Message, Payload},
    protocol::{BINARY, PING, PONG, TEXT},
};

/// Future of a send: `ws.send_text("hi").await`.
///
/// Its type does not name the type of what is sent: so a compiler that complains about that type
/// does it once.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Sending<'a> {
    shared: &'a Shared,
    /// `None` once the result was returned.
    outgoing: Option<Outgoing<'a>>,
    room: Option<Wait<'a>>,
}

/// Work of a send that is still to be done.
pub(super) enum Outgoing<'a> {
    Message(MessageKind, Payload<'a>),
    Close(Option<CloseFrame>),
    /// Error of a message that cannot be sent.
    Refused(Error),
}

impl<'a> Sending<'a> {
    pub(super) fn new(shared: &'a Shared, outgoing: Outgoing<'a>) -> Self {
        Self { shared, outgoing: Some(outgoing), room: None }
    }

    /// Leaves the message as it is on a connection with compression: for a payload that is
    /// compressed already, or a secret that must not share a compressed message with text of an
    /// attacker's choice. Without compression it changes nothing.
    ///
    /// ```
    /// # use ignitia::prelude::*;
    /// # async fn f(ws: WebSocketConnection, token: String) -> Result<()> {
    /// ws.send_text(token).uncompressed().await?;
    /// # Ok(()) }
    /// ```
    pub fn uncompressed(mut self) -> Self {
        if let Some(Outgoing::Message(kind, _)) = &mut self.outgoing {
            kind.is_uncompressed = true;
        }
        self
    }
}

impl Future for Sending<'_> {
    type Output = Result<()>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { shared, outgoing, room } = self.get_mut();
        loop {
            let Some(Outgoing::Message(kind, payload)) = outgoing else {
                return Poll::Ready(finish(outgoing.take(), shared));
            };
            if let Some(wait) = room {
                ready!(shared.poll_room(payload.len(), &mut wait.wait_key, cx));
                *room = None;
            }
            match shared.try_send(*kind, payload) {
                Err(NotQueued::Full) => *room = Some(Wait::new(shared)),
                queued => {
                    *outgoing = None;
                    return Poll::Ready(queued.map_err(NotQueued::into_error));
                }
            }
        }
    }
}

/// Does what needs no room in the queue.
#[cold]
fn finish(outgoing: Option<Outgoing<'_>>, shared: &Shared) -> Result<()> {
    match outgoing {
        Some(Outgoing::Close(frame)) => shared.close(frame),
        Some(Outgoing::Refused(error)) => Err(error),
        Some(Outgoing::Message(..)) | None => panic!("polled again after completion"),
    }
}

impl<'a> From<Message> for Outgoing<'a> {
    #[inline]
    fn from(message: Message) -> Self {
        match message {
            Message::Text(text) => Self::Message(TEXT.into(), Payload::Vec(text.into())),
            Message::Binary(bytes) => Self::Message(BINARY.into(), Payload::Shared(bytes)),
            Message::Ping(bytes) => Self::control(PING, check_control(bytes)),
            Message::Pong(bytes) => Self::control(PONG, check_control(bytes)),
            Message::Close(frame) => Self::Close(frame),
        }
    }
}

impl Outgoing<'_> {
    pub(super) fn control(opcode: OpCode, payload: Result<Bytes>) -> Self {
        payload.map_or_else(Self::Refused, |payload| Self::Message(opcode.into(), Payload::Shared(payload)))
    }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("connection", &self.shared.id).finish_non_exhaustive()
    }
}
