//! What a message is, once nothing is wrong with it.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Lifetime, Meta, Type};

use super::{side::Side, tagging::Tagging};

/// Everything that `emit` needs, decided.
pub(super) struct Message {
    pub(super) private: TokenStream,
    pub(super) side: Side,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// Whether it is, or something in it.
    pub(super) is_deprecated: bool,
    /// Whether the impl holds where serde's does, and says so; otherwise that is checked at once.
    pub(super) follows_serde: bool,
    /// Whether serde has an error of its own instead of an impl, which the rest of the program must not miss.
    pub(super) stands_for_serde: bool,
    pub(super) tagging: Tagging,
    /// The names on the wire.
    pub(super) fields: Vec<String>,
    /// The variants that rooms do not remember. Clients' messages have none.
    pub(super) transient: Transient,
    /// Whether a correlation id can be put into it. Clients' messages are not asked.
    pub(super) carries_id: bool,
    pub(super) shadow: Option<Shadow>,
    /// What sessions handle. Servers' messages are not asked.
    pub(super) handled: Vec<Handled>,
}

/// A variant, and the method of a session that would handle it.
pub(super) struct Handled {
    pub(super) name: String,
    pub(super) fields: Vec<String>,
    pub(super) method: String,
}

pub(super) enum Transient {
    Some(Vec<Ident>),
    All,
}

/// The enum once more, without its tag: serde derives from it how a variant is read whose tag is known.
pub(super) struct Shadow {
    /// The lints that are allowed in the enum.
    pub(super) allowed: Vec<TokenStream>,
    /// serde's attributes of the enum.
    pub(super) attributes: Vec<Meta>,
    /// What the fields borrow from the message.
    pub(super) borrowed: Vec<Lifetime>,
    /// The parameters and the bounds, without `Self`.
    pub(super) parameters: TokenStream,
    pub(super) bounds: TokenStream,
    /// Each with serde's attributes and allowed lints, no others, without `Self`.
    pub(super) variants: Vec<TokenStream>,
    /// Functions of ours that its attributes name.
    pub(super) calls: Vec<FieldCall>,
    /// Types that serde may not be able to read, which are bounds of the shadow then.
    pub(super) doubtful: Vec<Type>,
}

/// A function of ours that makes a field.
pub(super) struct FieldCall {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) called: Called,
}

/// What the function calls.
pub(super) enum Called {
    /// The type's own default.
    Default,
    /// A function that makes the value.
    Maker(TokenStream),
    /// A function that reads it.
    Reader(TokenStream),
}

/// What serde is called where the shadow stands.
pub(super) const SERDE: &str = "__serde";
