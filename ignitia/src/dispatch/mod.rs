//! Typed messages: from received text to a message, and from a reply to the sent text.

mod answer_writer;
mod client_message;
mod const_checks;
mod correlation_id;
mod decode;
mod diagnose;
mod error_budget;
mod error_reply;
mod evaluated_bound;
mod field_argument;
mod hook_argument;
mod malformed;
mod message_error;
mod message_function;
mod message_loop;
mod other_input;
mod owned_message;
mod policy;
mod probe;
mod raw_reply;
mod reply_memory;
mod reply_to;
mod reply_type;
mod replying;
mod reusable_argument;
mod server_message;
mod typed_connection;

pub(crate) use self::message_loop::{HandleMessage, LoopEnd, MessageLoop, ReceivedData};
pub use self::{
    client_message::{ClientMessage, Tagging},
    const_checks::{
        Checked, MessagesOf, NoMessages, NoVariants, Variant, Variants, VariantsOf, all_are_handled, id_fits,
        id_is_new, names_all_fields,
    },
    correlation_id::{Id, ReplyId},
    decode::{Decoded, FieldDefault, FieldReader, NoField, SkippedField, Unread, decode},
    error_reply::ErrorReply,
    field_argument::FieldArgument,
    hook_argument::{FromBinary, HookInput},
    malformed::Malformed,
    message_error::MessageError,
    message_function::each_message,
    other_input::{NoOtherInput, OtherInput},
    owned_message::{Decode, OwnedMessage},
    policy::{OnMalformed, Policy},
    raw_reply::RawReply,
    reply_to::ReplyTo,
    reply_type::{FieldsOf, NoReplies, Replies, are_messages},
    replying::Replying,
    reusable_argument::{ReusableArgument, clone_argument},
    server_message::{Answer, AnyMessage, CarriesId, Reply, ServerMessage},
    typed_connection::{TypedConnection, Undecoded},
};
#[cfg(feature = "contract")]
pub(crate) use self::{decode::refusal, malformed::MALFORMED_CODES};
