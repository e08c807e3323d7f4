//! Sessions: what `#[websocket]` makes of an `impl` block.

mod accepted;
mod agenda;
mod assumed;
mod clocks;
mod events;
mod mounted;

use std::{
    future::{Future, ready},
    time::Duration,
};

use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;

pub(crate) use self::mounted::MountedSession;
pub use self::{
    assumed::{CanBeSent, CanHear},
    events::{Events, Inbox, events, inbox},
};
use crate::{
    close::CloseCause,
    connection::{WebSocketConnection, refuses},
    dispatch::{Answer, Malformed, Policy},
};

/// What `#[websocket]` makes of an `impl` block: the state of one connection, with a method for each kind of message.
///
/// There is no need to implement it: `#[websocket("/path", message = ..)]` on `impl YourSession` does.
///
/// `By` stands for nothing. It lets the code of the macro assume what is reported elsewhere, once.
pub trait Session<By = ()>: Sized + Send + 'static {
    #[doc(hidden)]
    const POLICY: Policy;

    /// Whether there is an `on_close`.
    #[doc(hidden)]
    const HAS_ON_CLOSE: bool;

    #[doc(hidden)]
    fn open(
        &mut self,
        inbox: Option<&mut Inbox>,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Answer> + Send;

    #[doc(hidden)]
    fn dispatch(
        &mut self,
        text: &str,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Result<Answer, Malformed>> + Send;

    /// Text that could not be decoded; `None` leaves it malformed.
    #[doc(hidden)]
    fn raw(&mut self, _: &str, _: &WebSocketConnection) -> impl Future<Output = Option<Answer>> + Send {
        ready(None)
    }

    /// A binary message, if such are taken.
    #[doc(hidden)]
    fn binary(&mut self, _: Bytes, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    /// The periods of its clocks.
    #[doc(hidden)]
    fn clocks() -> Vec<Duration> {
        Vec::new()
    }

    /// The clock of that number ticks.
    #[doc(hidden)]
    fn tick(&mut self, _: usize, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    /// An event is ready in the inbox.
    #[doc(hidden)]
    fn event(&mut self, _: &mut Inbox, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    #[doc(hidden)]
    fn close(self, why: CloseCause, ws: &WebSocketConnection) -> impl Future<Output = ()> + Send;
}

/// A session that can be accepted on a router with state `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be mounted as a session",
    label = "no `#[websocket(\"/path\", message = ..)]` on an `impl {Self}`",
    note = "add `#[websocket(\"/path\", message = ClientMsg)]` to an `impl` block of `{Self}`, with an `async fn accept`"
)]
pub trait SessionEndpoint<S>: Session {
    /// The path as routers write it: `/ws/{room}`.
    const ROUTE: &'static str;

    /// The session, and its inbox if it has one. It has not the name of what it calls: where a block is refused, rustc would take
    /// it for that.
    #[doc(hidden)]
    fn accept_from(
        request: Request,
        state: &S,
    ) -> impl Future<Output = Result<(Self, Option<Inbox>), Response>> + Send;
}

/// What a session's `accept` may return: `Self`, or a `Result` whose error is the answer to the request.
#[diagnostic::on_unimplemented(
    message = "`accept` cannot return `{Self}`",
    label = "expected `Self`, or `Result<Self, R>` where `R` is a response",
    note = "`Err(StatusCode::FORBIDDEN)` refuses the handshake, as every error with `IntoResponse` does"
)]
pub trait Accepts<T> {
    #[doc(hidden)]
    #[allow(clippy::result_large_err, reason = "it is on its way out")]
    fn accepted(self) -> Result<T, Response>;
}

impl<T> Accepts<T> for T {
    fn accepted(self) -> Result<T, Response> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T, R: IntoResponse> Accepts<T> for Result<T, R> {
    fn accepted(self) -> Result<T, Response> {
        self.map_err(|refusal| {
            let mut response = refusal.into_response();
            // A text or a close frame says nothing of a status, and a success would be no refusal.
            if !refuses(&response) {
                *response.status_mut() = StatusCode::FORBIDDEN;
            }
            response
        })
    }
}
