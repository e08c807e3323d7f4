//! Items that the expansions of the macros name. They are for no other code, and may change at any
//! time.

pub use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};

pub use ignitia_macros::websocket;
pub use serde;

pub use crate::{
    close::CloseCause,
    connection::WebSocketConnection,
    dispatch::{
        Answer, AnyMessage, CarriesId, Checked, ClientMessage, Decode, Decoded, FieldArgument, FieldDefault,
        FieldReader, FieldsOf, FromBinary, HookInput, Id, Malformed, MessagesOf, NoField, NoMessages,
        NoOtherInput, NoReplies, NoVariants, OnMalformed, OtherInput, OwnedMessage, Policy, Replies, Reply,
        ReplyId, ReplyTo, ReusableArgument, ServerMessage, SkippedField, Tagging, TypedConnection, Unread,
        Variant, Variants, VariantsOf, all_are_handled, are_messages, clone_argument, decode, each_message,
        id_fits, id_is_new, names_all_fields,
    },
    endpoint::{
        Accepts, Annotated, AnnotatedFuture, Binary, BorrowedConnection, CalledPerConnection,
        CalledPerMessage, Connection, Endpoint, Events, Inbox, Outcomes, PathParam, Prepared, SendEvent,
        SendSession, Session, SessionEndpoint, borrow_connection, events, inbox, path_params, push_literal,
        push_segment,
    },
    handler::{AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument},
};
