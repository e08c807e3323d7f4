//! What the expansions of the macros name. Nothing here is for anybody else, and all of it may change at any time.

pub use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};

pub use ignitia_macros::websocket;
pub use serde;

use crate::handler::SaysHowTheSessionEnded;
pub use crate::{
    close::CloseCause,
    connection::WebSocketConnection,
    dispatch::{
        Answer, AnyMessage, Asked, CarriesId, Checked, ClientMessage, Decode, Decoded, FieldDefault,
        FieldReader, FieldsOf, FromBinary, Given, Id, Malformed, MessagesOf, NoField, NoMessages,
        NoOtherInput, NoReplies, NoVariants, OnMalformed, OtherInput, OwnedMessage, Policy, Replies, Reply,
        ReplyTo, Reused, ServerMessage, SkippedField, Tagging, Taken, TypedConnection, Variant, Variants,
        VariantsOf, again, all_are_handled, are_messages, decode, each_message, id_fits, id_is_new,
        names_all_fields,
    },
    endpoint::{
        Accepts, Annotated, CanBeSent, CanHear, Endpoint, Events, Inbox, PathParam, Prepared, Session,
        SessionEndpoint, Tagged, events, inbox, path_params, push_literal, push_segment,
    },
    handler::{AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument},
};

/// The payload of a binary message. No second name of it: rustc would show that one to users.
pub type Binary = bytes::Bytes;

/// What stands for a function of a type whose bounds do not hold, where serde's derive has reported that already.
pub trait Unread: Sized {
    /// Is in no program that compiles.
    fn __read<D, R>(_: D) -> R {
        const { panic!("what cannot be read is reported by serde's derive") }
    }
}

impl<T> Unread for T {}

/// The last argument of a `#[websocket]` function.
#[diagnostic::on_unimplemented(
    message = "the last argument of a `#[websocket]` function is the connection, not `{Self}`",
    label = "expected `WebSocketConnection`",
    note = "write `ws: WebSocketConnection` as the last argument",
    note = "a function that takes messages is called for each of them: write `#[websocket(\"/path\", on_message)]`"
)]
pub trait Connection: Sized {
    /// What makes a response of the handler's outcome. Where there is no connection rustc does not know it, and does not look
    /// at the outcome either: one mistake is one error.
    type Outcomes;

    /// Wraps the connection.
    fn from_connection(ws: WebSocketConnection) -> (Self, Self::Outcomes);
}

/// The outcomes of handlers.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes;

impl Outcomes {
    /// An outcome as a response; `()` is none.
    pub fn response<T, HowTheSessionEnded>(self, outcome: T) -> Response
    where
        T: SaysHowTheSessionEnded<HowTheSessionEnded>, // not `()`: `Response::ok()`, or a `CloseFrame`
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

/// The connection as it is lent to the methods of a session, under whatever name.
#[diagnostic::on_unimplemented(
    message = "the last argument is neither bound by a pattern nor the connection, but `{Self}`",
    label = "expected `WebSocketConnection`",
    note = "an argument of a method with `#[on(..)]` has the name of a field in its pattern; `ws: &WebSocketConnection` may be behind them"
)]
pub trait Lent {
    /// The same connection.
    fn lent(ws: &WebSocketConnection) -> &Self;
}

impl Lent for WebSocketConnection {
    fn lent(ws: &WebSocketConnection) -> &Self {
        ws
    }
}

/// What a method of a session is given for an argument that is the connection under another name.
pub fn lent<T: Lent>(ws: &WebSocketConnection) -> &T {
    T::lent(ws)
}

impl Connection for WebSocketConnection {
    type Outcomes = Outcomes;

    fn from_connection(ws: WebSocketConnection) -> (Self, Outcomes) {
        (ws, Outcomes)
    }
}
