//! Future of a send.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode;

use super::{
    state::{NotQueued, Shared},
    wait::Wait,
};
use crate::{error::Result, message::Payload};

/// Future of a send: `ws.send_text("hi").await`.
///
/// Its type does not name the type of what is sent: so a compiler that complains about that type
/// does it once.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Sending<'a> {
    shared: &'a Shared,
    opcode: OpCode,
    /// Payload that is still to be queued, or the error that it cannot be; `None` once that is
    /// returned.
    unsent: Option<Result<Payload<'a>>>,
    room: Option<Wait<'a>>,
}

impl<'a> Sending<'a> {
    pub(super) fn new(shared: &'a Shared, opcode: OpCode, payload: Result<Payload<'a>>) -> Self {
        Self { shared, opcode, unsent: Some(payload), room: None }
    }
}

impl Future for Sending<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { shared, opcode, unsent, room } = self.get_mut();
        loop {
            let Some(Ok(payload)) = unsent else {
                return Poll::Ready(unsent.take().expect("polled again after completion").map(drop));
            };
            if let Some(wait) = room {
                ready!(shared.poll_room(payload.len(), &mut wait.wait_key, cx));
                *room = None;
            }
            match shared.try_send(*opcode, payload) {
                Err(NotQueued::Full) => *room = Some(Wait::new(shared)),
                queued => {
                    *unsent = None;
                    return Poll::Ready(queued.map_err(NotQueued::into_error));
                }
            }
        }
    }
}

impl fmt::Debug for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("connection", &self.shared.id).finish_non_exhaustive()
    }
}
