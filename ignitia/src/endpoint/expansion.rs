//! Items that only the expansions of the macros name.

use axum_core::response::Response;

use crate::{
    connection::WebSocketConnection,
    dispatch::{ClientMessage, ServerMessage, TypedConnection},
    handler::Outcome,
};

/// Payload of a binary message. An alias: rustc would show a second name of the type to users.
pub type Binary = bytes::Bytes;

/// The last argument of a `#[websocket]` function.
#[diagnostic::on_unimplemented(
    message = "the last argument of a `#[websocket]` function must be the connection, not `{Self}`",
    label = "expected `WebSocketConnection`",
    note = "write `ws: WebSocketConnection` as the last argument",
    note = "for a function that is called for each message, write `#[websocket(\"/path\", on_message)]`"
)]
pub trait Connection: Sized {
    /// Converts the handler's outcome to a response. Where the argument is no connection, rustc
    /// does not know this type and does not check the outcome either: one mistake is one error.
    type Outcomes;

    /// Wraps the connection.
    fn from_connection(ws: WebSocketConnection) -> (Self, Self::Outcomes);
}

/// Conversion of handlers' outcomes.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes;

impl Outcomes {
    /// Converts an outcome to a response; `()` is no outcome.
    pub fn response<T, HandlerOutcome>(self, outcome: T) -> Response
    where
        T: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
    {
        outcome.into_response()
    }
}

impl<In, Out> Connection for TypedConnection<In, Out>
where
    In: for<'de> ClientMessage<'de>,
    Out: ServerMessage,
{
    type Outcomes = Outcomes;

    fn from_connection(ws: WebSocketConnection) -> (Self, Outcomes) {
        (ws.into(), Outcomes)
    }
}

impl Connection for WebSocketConnection {
    type Outcomes = Outcomes;

    fn from_connection(ws: WebSocketConnection) -> (Self, Outcomes) {
        (ws, Outcomes)
    }
}

/// The connection, under any name, as the methods of a session borrow it.
#[diagnostic::on_unimplemented(
    message = "the last argument is neither bound by a pattern nor the connection, but `{Self}`",
    label = "expected `WebSocketConnection`",
    note = "an argument of a method with `#[on(..)]` must have the name of a field in its pattern; `ws: &WebSocketConnection` may follow them"
)]
pub trait BorrowedConnection {
    /// Returns the connection itself.
    fn borrow_connection(ws: &WebSocketConnection) -> &Self;
}

impl BorrowedConnection for WebSocketConnection {
    fn borrow_connection(ws: &WebSocketConnection) -> &Self {
        ws
    }
}

/// Returns the connection for an argument of a session method that has another name for its type.
pub fn borrow_connection<T: BorrowedConnection>(ws: &WebSocketConnection) -> &T {
    T::borrow_connection(ws)
}
