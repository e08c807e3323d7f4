//! Lowers a valid input to the model of its expansion. Cannot fail.

mod borrowed_lifetimes;
mod deserialize_bounds;
mod field_functions;
mod remote_enum;
mod suggested_methods;

use syn::GenericParam;

use super::{
    crate_option::runtime_crate_path,
    model::{Message, TransientVariants},
    parse::{Attributes, Body, Input, Variant, is_one_of},
    side::Side,
    tagging::{Tagging, tagging},
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
        transient: transient_variants(variants),
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
        transient: TransientVariants::Named(Vec::new()),
        carries_id: true,
        remote_enum: None,
        variants: match &input.body {
            Body::Enum(variants) if side == Side::Client => {
                suggested_methods::variant_infos(variants, &input.generics)
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

/// Returns the variants with `#[message(transient)]`.
fn transient_variants(variants: &[Variant]) -> TransientVariants {
    let is_transient =
        |variant: &&Variant| variant.attributes.options().any(|option| is_one_of(option, &["transient"]));
    let names: Vec<_> =
        variants.iter().filter(is_transient).map(|variant| variant.syntax.ident.clone()).collect();
    if !names.is_empty() && names.len() == variants.len() {
        return TransientVariants::All;
    }
    TransientVariants::Named(names)
}

fn private(attributes: &Attributes) -> proc_macro2::TokenStream {
    runtime_crate::private_module(runtime_crate_path(attributes))
}
