//! Items that the expansions of the macros name. They are for no other code, and may change at any
//! time.

pub use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};

pub use ignitia_macros::websocket;
pub use serde;

#[cfg(feature = "contract")]
pub use crate::contract::{
    ConnectionOf, EndpointDescription, ExtractorOf, OtherExtractor, ReadMessage, ReplyOf, SchemaOf,
    Undescribed, UnreadMessage, UntypedConnection, WithoutSchema,
};
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
    message::Message,
};

/// Makes a function of an endpoint's description.
#[cfg(feature = "contract")]
#[doc(hidden)]
#[macro_export]
macro_rules! __described {
    (
        $name:literal [$($doc:expr),*]
        $(parameter $parameter:literal $type:ty;)*
        $(extractor $extractor:ty;)*
        id $id:expr;
        binary $takes_binary:literal;
        text $takes_text:literal;
        malformed $on_malformed:expr;
        $(connection $connection:ty;)?
        $(receives $message:ty;)?
        $(sends $sent:ty;)*
        $($(#[$condition:meta])* handler $variant:expr, [$($of_handler:expr),*], $reply:ty, $later:literal;)*
    ) => {
        #[allow(unused_imports, reason = "not every endpoint needs all of them")]
        fn describe(__ignitia_description: &mut $crate::__private::EndpointDescription) {
            use $crate::__private::{
                NoMessages as _, NoVariants as _, OtherExtractor as _, Undescribed as _,
                UnreadMessage as _, UntypedConnection as _, WithoutSchema as _,
            };
            __ignitia_description.name($name, &[$($doc),*]);
            $(
                let __ignitia_schema = $crate::__private::SchemaOf::<$type>::new().__schema();
                __ignitia_description.parameter($parameter, __ignitia_schema);
            )*
            $(
                let __ignitia_extractor = $crate::__private::ExtractorOf::<$extractor>::new();
                let __ignitia_schema = __ignitia_extractor.__content().__schema();
                __ignitia_description.extractor(__ignitia_extractor.__kind(), __ignitia_schema);
            )*
            __ignitia_description.options($id, $takes_binary, $takes_text, $on_malformed);
            $(
                let __ignitia_connection = $crate::__private::ConnectionOf::<$connection>::new();
                let __ignitia_received = __ignitia_connection.__received().__schema();
                let __ignitia_sent = __ignitia_connection.__sent().__schema();
                __ignitia_description.connection(
                    __ignitia_connection.__messages(), __ignitia_received, __ignitia_sent,
                );
            )?
            $(__ignitia_description.receives(
                $crate::__private::SchemaOf::<$message>::new().__schema(),
                $crate::__private::MessagesOf::<$message>::TAGGING,
                $crate::__private::VariantsOf::<$message>::VARIANTS,
                |__ignitia_text: &str| {
                    $crate::__private::ReadMessage::<$message>::new().__refusal(__ignitia_text)
                },
            );)?
            $(
                let __ignitia_reply = $crate::__private::ReplyOf::<$sent>::new();
                let __ignitia_schema = __ignitia_reply.__message().__schema();
                __ignitia_description.sends(&__ignitia_reply.__parts(), __ignitia_schema);
            )*
            $($(#[$condition])* {
                let __ignitia_reply = $crate::__private::ReplyOf::<$reply>::new();
                let __ignitia_schema = __ignitia_reply.__message().__schema();
                __ignitia_description.handler(
                    $variant, &[$($of_handler),*], __ignitia_reply.__parts(), __ignitia_schema, $later,
                );
            })*
        }
    };
}

/// Drops the description: there are no contracts.
#[cfg(not(feature = "contract"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __described {
    ($($description:tt)*) => {};
}

pub use __described as described;
