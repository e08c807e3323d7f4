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
        Answer, AnyMessage, Asked, CarriesId, Checked, ClientMessage, Decode, Decoded, FieldDefault,
        FieldReader, FieldsOf, FromBinary, Given, Id, Malformed, MessagesOf, NoField, NoMessages,
        NoOtherInput, NoReplies, NoVariants, OnMalformed, OtherInput, OwnedMessage, Policy, Replies, Reply,
        ReplyTo, Reused, ServerMessage, SkippedField, Tagging, Taken, TypedConnection, Unread, Variant,
        Variants, VariantsOf, again, all_are_handled, are_messages, decode, each_message, id_fits, id_is_new,
        names_all_fields,
    },
    endpoint::{
        Accepts, Annotated, Binary, CanBeSent, CanHear, Connection, Endpoint, Events, Inbox, Lent, Outcomes,
        PathParam, Prepared, Session, SessionEndpoint, Tagged, events, inbox, lent, path_params,
        push_literal, push_segment,
    },
    handler::{AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument},
};
