//! From syntax without faults to decisions.

mod borrowed_lifetimes;
mod deserialize_bounds;
mod field_functions;
mod remote_enum;
mod suggested_methods;

use syn::GenericParam;

use super::{
    crate_option::runtime_path,
    model::{Message, Transient},
    parse::{Attributes, Body, Input, Variant, is_one_of},
    side::Side,
    tagging::{Tagging, tagging},
    wire_names,
};
use crate::runtime_crate;

pub(super) fn message(input: &Input, side: Side) -> Message {
    let Body::Enum(variants) = &input.body else { return stub(input, side) };
    let tagging = tagging(&input.attributes);
    let shadow = match (&tagging, side) {
        (Tagging::Internal { .. }, Side::Client) => remote_enum::shadow(input, variants),
        _ => None,
    };
    Message {
        fields: wire_names::fields(input, variants, side),
        transient: transient(variants),
        carries_id: !matches!(tagging, Tagging::External),
        tagging,
        shadow,
        ..stub(input, side)
    }
    .following_serde()
}

/// What stands for a message that has faults: the rest of the program takes it for one.
pub(super) fn stub(input: &Input, side: Side) -> Message {
    Message {
        private: private(&input.attributes),
        side,
        name: input.name.clone(),
        generics: input.generics.clone(),
        is_deprecated: is_deprecated(input),
        follows_serde: false,
        stands_for_serde: false,
        // No id has that name.
        tagging: Tagging::Internal { tag: String::new() },
        fields: Vec::new(),
        transient: Transient::Some(Vec::new()),
        carries_id: true,
        shadow: None,
        handled: match &input.body {
            Body::Enum(variants) if side == Side::Client => {
                suggested_methods::methods(variants, &input.generics)
            }
            _ => Vec::new(),
        },
    }
    .following_serde()
}

impl Message {
    /// Decides about the bounds: only a shadow tells which lifetimes serde's impl has borrowed.
    fn following_serde(mut self) -> Self {
        self.follows_serde = self.generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(_) => true,
            GenericParam::Lifetime(_) => self.side == Side::Client && self.shadow.is_none(),
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

/// The variants with `#[message(transient)]`.
fn transient(variants: &[Variant]) -> Transient {
    let is_transient =
        |variant: &&Variant| variant.attributes.options().any(|option| is_one_of(option, &["transient"]));
    let names: Vec<_> =
        variants.iter().filter(is_transient).map(|variant| variant.syntax.ident.clone()).collect();
    if !names.is_empty() && names.len() == variants.len() {
        return Transient::All;
    }
    Transient::Some(names)
}

fn private(attributes: &Attributes) -> proc_macro2::TokenStream {
    runtime_crate::private(runtime_path(attributes))
}
