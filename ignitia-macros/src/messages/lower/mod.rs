//! Lowers a valid input to the model of its expansion. Cannot fail.

mod borrowed_lifetimes;
mod deserialize_bounds;
mod field_functions;
mod remote_enum;
mod suggested_methods;

use syn::GenericParam;

use super::{
    crate_option::runtime_crate_path,
    model::{FlaggedVariants, Message, VariantSet},
    parse::{Attributes, Body, Input, Variant},
    side::Side,
    tagging::{Tagging, tagging},
    variant_flag::VariantFlag,
    wire_names,
};
use crate::runtime_crate;

/// Returns the model of a valid input.
pub(super) fn message(input: &Input, side: Side) -> Message {
    let Body::Enum(variants) = &input.body else { return placeholder(input, side) };
    let tagging = tagging(&input.attributes);
    let remote_enum = match (&tagging, side) {
        (Tagging::Internal { .. }, Side::Client) => remote_enum::remote_enum(input, variants),
        _ => None,
    };
    Message {
        fields: wire_names::all_field_names(input, variants, side),
        flags: VariantFlag::ALL.into_iter().filter_map(|flag| flagged_variants(flag, variants)).collect(),
        carries_id: !matches!(tagging, Tagging::External),
        tagging,
        remote_enum,
        ..placeholder(input, side)
    }
    .with_serde_requirement()
}

/// Returns the model for an enum with errors. The rest of the program can still use it as a
/// message.
pub(super) fn placeholder(input: &Input, side: Side) -> Message {
    Message {
        private: private(&input.attributes),
        side,
        name: input.name.clone(),
        generics: input.generics.clone(),
        is_deprecated: is_deprecated(input),
        requires_serde_impl: false,
        replaces_serde_impl: false,
        // No id has this name.
        tagging: Tagging::Internal { tag: String::new() },
        fields: Vec::new(),
        flags: Vec::new(),
        carries_id: true,
        remote_enum: None,
        variants: match &input.body {
            Body::Enum(variants) if side == Side::Client => {
                suggested_methods::variant_infos(input, variants, side)
            }
            _ => Vec::new(),
        },
    }
    .with_serde_requirement()
}

impl Message {
    /// Decides on the bounds. Without a remote enum the lifetimes that Serde's implementation
    /// borrows are unknown.
    fn with_serde_requirement(mut self) -> Self {
        self.requires_serde_impl = self.generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(_) => true,
            GenericParam::Lifetime(_) => self.side == Side::Client && self.remote_enum.is_none(),
            GenericParam::Const(_) => false,
        });
        self
    }
}

fn is_deprecated(input: &Input) -> bool {
    let variants = match &input.body {
        Body::Enum(variants) => &variants[..],
        Body::Other { .. } => &[],
    };
    let of_fields = variants.iter().flat_map(|variant| &variant.fields).map(|field| &field.attributes);
    let of_variants = variants.iter().map(|variant| &variant.attributes);
    of_variants.chain(of_fields).chain([&input.attributes]).any(|attributes| attributes.is_deprecated)
}

/// Returns the variants with the flag, if there are any.
fn flagged_variants(flag: VariantFlag, variants: &[Variant]) -> Option<FlaggedVariants> {
    let has_flag =
        |variant: &&Variant| variant.attributes.options().any(|option| VariantFlag::of(option) == Some(flag));
    let names: Vec<_> =
        variants.iter().filter(has_flag).map(|variant| variant.syntax.ident.clone()).collect();
    let variants = match names.len() {
        0 => return None,
        flagged if flagged == variants.len() => VariantSet::All,
        _ => VariantSet::Named(names),
    };
    Some(FlaggedVariants { flag, variants })
}

fn private(attributes: &Attributes) -> proc_macro2::TokenStream {
    runtime_crate::private_module(runtime_crate_path(attributes))
}
