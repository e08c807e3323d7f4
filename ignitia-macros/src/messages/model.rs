//! Model of a valid message: all decisions that `emit` needs.

use proc_macro2::TokenStream;
use syn::{Generics, Ident, Lifetime, Meta, Type};

use super::{side::Side, tagging::Tagging, variant_flag::VariantFlag};

/// A message, as `emit` writes it.
pub(super) struct Message {
    pub(super) private: TokenStream,
    pub(super) side: Side,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// True if the enum, a variant or a field is deprecated.
    pub(super) is_deprecated: bool,
    /// True if the implementation has Serde's as a bound. Otherwise rustc checks Serde's
    /// implementation right at the derive.
    pub(super) requires_serde_impl: bool,
    /// True if the expansion contains the implementation that Serde's derive fails to emit. The
    /// rest of the program relies on there being one.
    pub(super) replaces_serde_impl: bool,
    pub(super) tagging: Tagging,
    /// Names of the fields on the wire.
    pub(super) fields: Vec<String>,
    /// Flags that a variant has. Empty for client messages.
    pub(super) flags: Vec<FlaggedVariants>,
    /// True if an id can be added to the serialized message. Unused for client messages.
    pub(super) carries_id: bool,
    pub(super) remote_enum: Option<RemoteEnum>,
    /// Variants that sessions handle. Empty for server messages.
    pub(super) variants: Vec<VariantInfo>,
}

/// A variant, and the session method suggested for it.
pub(super) struct VariantInfo {
    pub(super) name: String,
    /// Names on the wire: the usual one, then its aliases.
    pub(super) tags: Vec<String>,
    pub(super) fields: Vec<String>,
    pub(super) method: String,
}

/// A flag, and the variants that have it: at least one.
pub(super) struct FlaggedVariants {
    pub(super) flag: VariantFlag,
    pub(super) variants: VariantSet,
}

/// Some of the variants, or all.
pub(super) enum VariantSet {
    Named(Vec<Ident>),
    All,
}

/// A copy of the enum without its tag. Serde derives from it how to deserialize a variant whose tag
/// is known.
pub(super) struct RemoteEnum {
    /// Lints that are allowed in the enum.
    pub(super) allowed_lints: Vec<TokenStream>,
    /// Serde's attributes of the enum.
    pub(super) attributes: Vec<Meta>,
    /// Lifetimes that the fields borrow from the message.
    pub(super) borrowed: Vec<Lifetime>,
    /// Generic parameters and bounds, without `Self`.
    pub(super) parameters: TokenStream,
    pub(super) bounds: TokenStream,
    /// Variants with Serde's attributes and allowed lints only, without `Self`.
    pub(super) variants: Vec<TokenStream>,
    /// Generated functions that the attributes name.
    pub(super) field_functions: Vec<FieldFunction>,
    /// Types that may not implement `Deserialize`, and become bounds.
    pub(super) bounded_types: Vec<Type>,
}

/// A generated function that returns the value of a field.
pub(super) struct FieldFunction {
    pub(super) name: Ident,
    pub(super) ty: Type,
    pub(super) body: FieldBody,
}

/// Body of a `FieldFunction`.
pub(super) enum FieldBody {
    /// Calls `Default::default` of the field's type.
    TypeDefault,
    /// Calls a function that takes no argument.
    DefaultFunction(TokenStream),
    /// Calls a function that takes the deserializer.
    Deserializer(TokenStream),
}

/// Name of Serde at the place of the remote enum.
pub(super) const SERDE: &str = "__serde";
