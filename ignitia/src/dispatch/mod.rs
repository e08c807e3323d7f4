//! Typed messages: from received text to a message, and from a reply to what is sent.

mod budget;
mod const_text;
mod decode;
mod diagnose;
mod dialogue;
mod envelope;
mod error;
mod fault;
mod field_call;
mod fields;
mod given;
mod handled;
mod hook_input;
mod id;
mod id_checks;
mod known_tags;
mod later;
mod liveness;
mod malformed;
mod message;
mod object;
mod other;
mod replies;
mod reply;
mod reused;
mod tagged;
mod typed;

pub(crate) use self::dialogue::{Dialogue, Heard};
pub use self::{
    decode::{Decoded, decode},
    dialogue::{Decode, OnMalformed, OwnedMessage, Policy, each_message},
    envelope::ErrorReply,
    error::MessageError,
    field_call::{FieldDefault, FieldReader, NoField, SkippedField},
    given::Given,
    handled::{NoVariants, Variant, Variants, VariantsOf, all_are_handled, names_all_fields},
    hook_input::{FromBinary, Taken},
    id::Id,
    id_checks::{Checked, MessagesOf, NoMessages, id_fits, id_is_new},
    later::{ReplyTo, Replying},
    malformed::Malformed,
    message::{CarriesId, ClientMessage, ServerMessage, Tagging},
    other::{NoOtherInput, OtherInput, RawReply},
    replies::{FieldsOf, NoReplies, Replies, are_messages},
    reply::{Answer, AnyMessage, Asked, Reply},
    reused::{Reused, again},
    typed::{TypedConnection, Undecoded},
};
