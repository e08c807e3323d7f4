//! Typed messages: from received text to a message, and from a reply to what is sent.

mod const_text;
mod decode;
mod diagnose;
mod envelope;
mod error;
mod error_budget;
mod field_argument;
mod handled;
mod hook_input;
mod id;
mod id_checks;
mod later;
mod liveness;
mod malformed;
mod message;
mod message_loop;
mod other_input;
mod replies;
mod reply;
mod reusable_argument;
mod typed_connection;

pub(crate) use self::message_loop::{MessageLoop, ReceivedData};
pub use self::{
    decode::{Decoded, FieldDefault, FieldReader, NoField, SkippedField, decode},
    envelope::ErrorReply,
    error::MessageError,
    field_argument::Given,
    handled::{NoVariants, Variant, Variants, VariantsOf, all_are_handled, names_all_fields},
    hook_input::{FromBinary, Taken},
    id::Id,
    id_checks::{Checked, MessagesOf, NoMessages, id_fits, id_is_new},
    later::{ReplyTo, Replying},
    malformed::Malformed,
    message::{CarriesId, ClientMessage, ServerMessage, Tagging},
    message_loop::{Decode, OnMalformed, OwnedMessage, Policy, each_message},
    other_input::{NoOtherInput, OtherInput, RawReply},
    replies::{FieldsOf, NoReplies, Replies, are_messages},
    reply::{Answer, AnyMessage, Asked, Reply},
    reusable_argument::{Reused, again},
    typed_connection::{TypedConnection, Undecoded},
};
