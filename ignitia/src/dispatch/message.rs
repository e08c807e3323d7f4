//! What a type has to be to be sent or received as a message.

use serde::{Deserialize, Deserializer, Serialize};

use super::reply::Reply;

/// How the kind of a message is told on the wire: serde's representations of enums, but for `untagged`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{"type":"say","text":"hi"}`: `#[serde(tag = "type")]`.
    Internal {
        /// The name of the field that tells the kind.
        tag: &'static str,
    },
    /// `{"type":"say","data":{"text":"hi"}}`: `#[serde(tag = "type", content = "data")]`.
    Adjacent {
        /// The name of the field that tells the kind.
        tag: &'static str,
        /// The name of the field that holds the rest.
        content: &'static str,
    },
    /// `{"say":{"text":"hi"}}`: serde's default.
    External,
}

/// An enum of the messages that clients send, a variant for each kind: `#[derive(Deserialize, ClientMessage)]`.
///
/// serde decides how a message looks: every representation but `untagged`, renaming, aliases, defaults,
/// `#[serde(other)]`, `deny_unknown_fields`. With `#[serde(tag = ..)]` alone, fields go from the text straight into their
/// variant, where serde by itself would buffer them. That admits a little more: maps with keys that are no strings, 128-bit
/// integers, and whatever is JSON in fields that nobody reads; and the tag of an enum inside is a string, never a number.
///
/// Fields may borrow from the message where it is not kept: in sessions (`message = ClientMsg<'_>`), and there as
/// `Cow<'_, str>`, because a `&str` cannot hold what was escaped in JSON.
///
/// ```
/// use ignitia::ClientMessage;
///
/// #[derive(serde::Deserialize, ClientMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum ClientMsg {
///     Say { text: String, to: u64 }, // {"type":"say","text":"hi","to":7}
///     Leave,                         // {"type":"leave"}
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that clients send",
    label = "expected an enum with `#[derive(Deserialize, ClientMessage)]`",
    note = "add `#[derive(serde::Deserialize, ignitia::ClientMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait ClientMessage<'de>: Deserialize<'de> {
    /// How the kind is told.
    const TAGGING: Tagging;

    /// The names of the fields in all variants.
    const FIELDS: &'static [&'static str];

    /// Whether [`deserialize_variant`](Self::deserialize_variant) is there.
    #[doc(hidden)]
    const STREAMS: bool = false;

    /// Deserializes as if the enum were externally tagged, which needs no buffer.
    #[doc(hidden)]
    fn deserialize_variant<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// An enum of the messages that clients are sent: `#[derive(Serialize, ServerMessage)]`.
///
/// ```
/// use ignitia::ServerMessage;
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type", rename_all = "snake_case")]
/// enum ServerMsg {
///     Said { from: u64, text: String }, // {"type":"said","from":7,"text":"hi"}
///     Joined,                           // {"type":"joined"}
///     #[message(transient)]
///     Typing { who: u64 },              // in no room's history
/// }
/// ```
///
/// What is written is what `serde_json` makes of it. So an `f64` that is NaN or infinite goes out as `null`, and a
/// [`ClientMessage`] with an `f64` does not take that `null`: write `Option<f64>` on both sides where there may be none.
///
/// `#[message(transient)]` is for variants that count only while they are new: whoever is in a room is sent them, in order with the
/// others; the room does not remember them, and they have no `$at`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message that clients are sent",
    label = "expected an enum with `#[derive(Serialize, ServerMessage)]`",
    note = "add `#[derive(serde::Serialize, ignitia::ServerMessage)]` and `#[serde(tag = \"type\")]` to `{Self}`"
)]
pub trait ServerMessage: Serialize + Reply {
    /// How the kind is told.
    const TAGGING: Tagging;

    /// The names of the fields in all variants.
    const FIELDS: &'static [&'static str];

    /// Whether rooms do not remember it: its variant has `#[message(transient)]`.
    fn is_transient(&self) -> bool {
        false
    }
}

/// What can carry a correlation id: messages that are JSON objects with a tag in them, and replies made of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no place for the correlation id",
    label = "an id needs `#[serde(tag = \"type\")]`",
    note = "with `id = ..`, give the enum `#[serde(tag = \"type\")]`, with or without `content`"
)]
pub trait CarriesId {}
