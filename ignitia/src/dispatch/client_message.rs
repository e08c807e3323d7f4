//! Messages that clients send.

use serde::{Deserialize, Deserializer};

/// Representation of a message's kind on the wire: those that serde has for enums, except
/// `untagged`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging {
    /// `{"type":"say","text":"hi"}`: `#[serde(tag = "type")]`.
    Internal {
        /// Name of the field that holds the kind.
        tag: &'static str,
    },
    /// `{"type":"say","data":{"text":"hi"}}`: `#[serde(tag = "type", content = "data")]`.
    Adjacent {
        /// Name of the field that holds the kind.
        tag: &'static str,
        /// Name of the field that holds the rest.
        content: &'static str,
    },
    /// `{"say":{"text":"hi"}}`: serde's default.
    External,
}

/// An enum of the messages that clients send, with a variant for each kind:
/// `#[derive(Deserialize, ClientMessage)]`.
///
/// serde defines the form of a message: every representation except `untagged`, renaming, aliases,
/// defaults, `#[serde(other)]`, `deny_unknown_fields`. With `#[serde(tag = ..)]` alone, fields are
/// read from the text straight into their variant, where serde by itself would buffer them. That
/// accepts a little more: maps with keys that are no strings, 128-bit integers, and any JSON in
/// fields that the variant ignores. The tag of an enum inside is a string, never a number. With
/// `content = ..`, such maps and integers are accepted wherever the tag stands, too.
///
/// Take an enum, not `bool`, for the keys of a map: over some keys that are neither `true` nor
/// `false`, serde_json (1.0.154) panics, which closes the connection with 1011.
///
/// Fields may borrow from the message where it is not kept: in sessions
/// (`message = ClientMsg<'_>`), and there as `Cow<'_, str>`, because a `&str` cannot hold text that
/// was escaped in JSON.
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
    /// Representation of the kind.
    const TAGGING: Tagging;

    /// Names of the fields in all variants.
    const FIELDS: &'static [&'static str];

    /// True if [`deserialize_variant`](Self::deserialize_variant) is implemented.
    #[doc(hidden)]
    const STREAMS: bool = false;

    /// Deserializes as if the enum were externally tagged, which needs no buffer.
    #[doc(hidden)]
    fn deserialize_variant<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}
