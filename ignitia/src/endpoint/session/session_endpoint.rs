//! Sessions: the methods and the endpoint that `#[websocket]` generates for an `impl` block.

use std::{
    future::{Future, ready},
    time::Duration,
};

use axum_core::{extract::Request, response::Response};
use bytes::Bytes;

use super::inbox::Inbox;
#[cfg(feature = "contract")]
use crate::contract::EndpointDescription;
use crate::{
    close::CloseCause,
    connection::WebSocketConnection,
    dispatch::{Answer, Malformed, Policy},
};

/// The state of one connection, with a method for each kind of message.
///
/// There is no need to implement it: `#[websocket("/path", message = ..)]` on `impl YourSession`
/// does.
///
/// `By` has no meaning of its own. Bounds that mention it are not checked where the macro's code
/// assumes them, so that rustc reports a mistake only once.
pub trait Session<By = ()>: Sized + Send + 'static {
    /// Options for the messages.
    #[doc(hidden)]
    const POLICY: Policy;

    /// True if there is an `on_close`.
    #[doc(hidden)]
    const HAS_ON_CLOSE: bool;

    /// Calls `on_open`.
    #[doc(hidden)]
    fn open(
        &mut self,
        inbox: Option<&mut Inbox>,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Answer> + Send;

    /// Decodes a message and calls its method.
    #[doc(hidden)]
    fn dispatch(
        &mut self,
        text: &str,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Result<Answer, Malformed>> + Send;

    /// Handles text that could not be decoded. `None` leaves it malformed.
    #[doc(hidden)]
    fn raw(&mut self, _: &str, _: &WebSocketConnection) -> impl Future<Output = Option<Answer>> + Send {
        ready(None)
    }

    /// Handles a binary message, if the session takes them.
    #[doc(hidden)]
    fn binary(&mut self, _: Bytes, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    /// Returns the periods of the `#[every(..)]` methods.
    #[doc(hidden)]
    fn clocks() -> Vec<Duration> {
        Vec::new()
    }

    /// Calls the `#[every(..)]` method of that number.
    #[doc(hidden)]
    fn tick(&mut self, _: usize, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    /// Handles the event that is ready in the inbox.
    #[doc(hidden)]
    fn event(&mut self, _: &mut Inbox, _: &WebSocketConnection) -> impl Future<Output = Answer> + Send {
        ready(Answer::default())
    }

    /// Calls `on_close`.
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
    /// Path in the form of routers: `/ws/{room}`.
    const ROUTE: &'static str;

    /// Fills the description for contracts. That of an item with errors stays empty.
    #[cfg(feature = "contract")]
    #[doc(hidden)]
    fn describe(_: &mut EndpointDescription) {}

    /// Calls `accept`, and returns the session with its inbox, if it has one. It is not named after
    /// `accept`: rustc would confuse the two where the block is refused.
    #[doc(hidden)]
    fn accept_from(
        request: Request,
        state: &S,
    ) -> impl Future<Output = Result<(Self, Option<Inbox>), Response>> + Send;
}
