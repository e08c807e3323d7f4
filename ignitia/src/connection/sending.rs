//! A send that is under way.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::handle::{Wait, WebSocketConnection, check_control};
use crate::{
    close::CloseFrame,
    error::Result,
    message::{Message, Payload},
    protocol::{BINARY, PING, PONG, TEXT},
};

/// The future of a send: `ws.send_text("hi").await`.
///
/// It has a name, and not the type of what is sent, so that a compiler that complains about that type does it once.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Sending<'a> {
    ws: &'a WebSocketConnection,
    opcode: OpCode,
    /// Or why it cannot be sent; `None` when that is told.
    unsent: Option<Result<Payload<'a>>>,
    room: Option<Wait<'a>>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(ws: &'a WebSocketConnection, opcode: OpCode, payload: Result<Payload<'a>>) -> Self {
        Self { ws, opcode, unsent: Some(payload), room: None }
    }
}

impl WebSocketConnection {
    /// The send of a message; or, of one that closes, its frame.
    pub(crate) fn sending(&self, message: Message) -> std::result::Result<Sending<'_>, Option<CloseFrame>> {
        Ok(match message {
            Message::Text(text) => self.queue(TEXT, Payload::Vec(text.into())),
            Message::Binary(bytes) => self.queue(BINARY, Payload::Shared(bytes)),
            Message::Ping(bytes) => self.control(PING, check_control(bytes)),
            Message::Pong(bytes) => self.control(PONG, check_control(bytes)),
            Message::Close(frame) => return Err(frame),
        })
    }
}

impl Future for Sending<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { ws, opcode, unsent, room } = self.get_mut();
        loop {
            if let (Some(wait), Some(Ok(payload))) = (room.as_mut(), unsent.as_ref()) {
                ready!(ws.shared.poll_room(payload.len(), &mut wait.wait_key, cx));
                *room = None;
            }
            let payload = unsent.take().expect("it was polled again after it was ready")?;
            match ws.queue_now(*opcode, payload)? {
                None => return Poll::Ready(Ok(())),
                Some(still) => *unsent = Some(Ok(still)),
            }
            *room = Some(Wait::new(&ws.shared));
        }
    }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("ws", self.ws).finish_non_exhaustive()
    }
}
