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
    pub(super) requires_serde_impl: bool,
    /// Whether serde has an error of its own instead of an impl, which the rest of the program must not miss.
    pub(super) replaces_serde_impl: bool,
    pub(super) tagging: Tagging,
    /// The names on the wire.
    pub(super) fields: Vec<String>,
    /// The variants that rooms do not remember. Clients' messages have none.
    pub(super) transient: TransientVariants,
    /// Whether a correlation id can be put into it. Clients' messages are not asked.
    pub(super) carries_id: bool,
    pub(super) remote_enum: Option<RemoteEnum>,
    /// What sessions handle. Servers' messages are not asked.
    pub(super) variants: Vec<VariantInfo>,
}

/// A variant, and the method of a session that would handle it.
pub(super) struct VariantInfo {
    pub(super) name: String,
    pub(super) fields: Vec<String>,
    pub(super) method: String,
}

pub(super) enum TransientVariants {
    Named(Vec<Ident>),
    All,
}

/// The enum once more, without its tag: serde derives from it how a variant is read whose tag is known.
pub(super) struct RemoteEnum {
    /// The lints that are allowed in the enum.
    pub(super) allowed_lints: Vec<TokenStream>,
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
    pub(super) field_functions: Vec<FieldFunction>,
    /// Types that serde may not be able to read, which are bounds of the shadow then.
    pub(super) bounded_types: Vec<Type>,
}

/// A function of ours that makes a field.
pub(super) struct FieldFunction {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) body: FieldBody,
}

/// What the function calls.
pub(super) enum FieldBody {
    /// The type's own default.
    TypeDefault,
    /// A function that makes the value.
    DefaultFunction(TokenStream),
    /// A function that reads it.
    Deserializer(TokenStream),
}

/// What serde is called where the shadow stands.
pub(super) const SERDE: &str = "__serde";
