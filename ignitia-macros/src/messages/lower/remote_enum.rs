//! Whether serde can be made to read a variant whose tag is known, and from what.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Generics, Meta};

use super::{borrowed_lifetimes, deserialize_bounds, field_functions};
use crate::messages::{
    model::{FieldCall, SERDE, Shadow},
    parse::{Attributes, Input, Variant, is_one_of},
};

/// What has the same meaning without a tag.
const OF_ENUM: &[&str] = &["tag", "crate", "rename_all", "rename_all_fields", "deny_unknown_fields", "into"];
const OF_VARIANT: &[&str] = &[
    "rename",
    "rename_all",
    "alias",
    "skip",
    "skip_deserializing",
    "skip_serializing",
    "other",
    "borrow",
    "serialize_with",
];
const OF_FIELD: &[&str] = &[
    "rename",
    "alias",
    "default",
    "flatten",
    "skip",
    "skip_deserializing",
    "skip_serializing",
    "skip_serializing_if",
    "with",
    "deserialize_with",
    "serialize_with",
    "borrow",
];
/// What the enum has of its own, or has no meaning without a tag.
const DROPPED: &[&str] = &["tag", "crate", "into"];

/// The shadow of an internally tagged enum, if everything that serde is told about it is understood.
pub(super) fn shadow(input: &Input, variants: &[Variant]) -> Option<Shadow> {
    let is_understood = input.attributes.has_only(OF_ENUM) && variants.iter().all(is_understood);
    let has_only_lifetimes =
        input.generics.params.iter().all(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    if !is_understood || !has_only_lifetimes || !borrowed_lifetimes::are_declared(&input.generics, variants) {
        return None;
    }
    let borrowed = borrowed_lifetimes::lifetimes(&input.generics, variants)?;
    let attributes =
        input.attributes.serde().filter(|meta| !is_one_of(meta, DROPPED)).cloned().collect::<Vec<Meta>>();
    let name = &input.name;
    let (_, parameters, bounds) = input.generics.split_for_impl();
    let itself = quote!(#name #parameters);
    let without_self = |tokens: TokenStream| replaced(tokens, &itself);
    let mut calls = Vec::new();
    let variants_of_shadow = variants.iter().enumerate().map(|(index, variant)| {
        let (variant, called) = cleaned(&input.generics, variant, index);
        calls.extend(called);
        without_self(variant)
    });
    let variants_of_shadow = variants_of_shadow.collect();
    Some(Shadow {
        allowed: input.attributes.allowed.clone(),
        attributes,
        borrowed,
        parameters: input.generics.to_token_stream(),
        bounds: without_self(bounds.to_token_stream()),
        variants: variants_of_shadow,
        calls,
        doubtful: deserialize_bounds::types(&input.generics, variants),
    })
}

fn is_understood(variant: &Variant) -> bool {
    variant.attributes.has_only(OF_VARIANT)
        && variant.fields.iter().all(|field| field.attributes.has_only(OF_FIELD))
}

/// The variant with what its shadow needs, and what of ours is called for its fields.
fn cleaned(generics: &Generics, variant: &Variant, index: usize) -> (TokenStream, Vec<FieldCall>) {
    let (mut syntax, mut calls) = (variant.syntax.clone(), Vec::new());
    syntax.discriminant = None;
    let told: Vec<Meta> = variant.attributes.serde().cloned().collect();
    syntax.attrs = attributes(&variant.attributes, &told);
    for (at, (of_field, field)) in variant.fields.iter().zip(&mut syntax.fields).enumerate() {
        let (told, called) = field_functions::replaced(of_field, (index, at));
        calls.extend(called);
        field.default = None;
        field.attrs = attributes(&of_field.attributes, &told);
        field.attrs.extend(deserialize_bounds::bound(generics, variant, of_field, SERDE));
    }
    (syntax.into_token_stream(), calls)
}

/// An `#[expect(..)]` that is met by the enum need not be met by the shadow.
fn attributes(attributes: &Attributes, told: &[Meta]) -> Vec<Attribute> {
    let allowed = attributes.allowed.iter().map(|lints| syn::parse_quote!(#[allow(#lints)]));
    let told = (!told.is_empty()).then(|| syn::parse_quote!(#[serde(#(#told),*)]));
    allowed.chain(told).collect()
}

/// In the shadow, `Self` would be the shadow.
fn replaced(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
    let one = |token: TokenTree| match token {
        TokenTree::Ident(word) if word == "Self" => itself.clone(),
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), replaced(group.stream(), itself));
            inside.set_span(group.span());
            TokenTree::Group(inside).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(one).collect()
}
