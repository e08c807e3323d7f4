//! Builds the remote enum, from which Serde derives the deserialization of a variant with a known
//! tag.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Generics, Meta};

use super::{borrowed_lifetimes, deserialize_bounds, field_functions};
use crate::messages::{
    model::{FieldFunction, RemoteEnum, SERDE},
    parse::{Attributes, Input, Variant, is_one_of},
};

/// Attributes of Serde that have the same meaning in an enum without a tag.
const ENUM_ATTRIBUTES: &[&str] =
    &["tag", "crate", "rename_all", "rename_all_fields", "deny_unknown_fields", "into"];
const VARIANT_ATTRIBUTES: &[&str] = &[
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
const FIELD_ATTRIBUTES: &[&str] = &[
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
/// Attributes that the remote enum sets itself, or that have no meaning without a tag.
const DROPPED_ATTRIBUTES: &[&str] = &["tag", "crate", "into"];

/// Returns the remote enum of an internally tagged enum, if all of Serde's attributes are
/// supported.
pub(super) fn remote_enum(input: &Input, variants: &[Variant]) -> Option<RemoteEnum> {
    let is_supported = input.attributes.has_only(ENUM_ATTRIBUTES) && variants.iter().all(is_supported);
    let has_only_lifetimes =
        input.generics.params.iter().all(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    if !is_supported || !has_only_lifetimes || !borrowed_lifetimes::are_declared(&input.generics, variants) {
        return None;
    }
    let borrowed = borrowed_lifetimes::lifetimes(&input.generics, variants)?;
    let attributes = input
        .attributes
        .serde()
        .filter(|meta| !is_one_of(meta, DROPPED_ATTRIBUTES))
        .cloned()
        .collect::<Vec<Meta>>();
    let name = &input.name;
    let (_, parameters, bounds) = input.generics.split_for_impl();
    let itself = quote!(#name #parameters);
    let without_self = |tokens: TokenStream| replace_self(tokens, &itself);
    let mut field_functions = Vec::new();
    let remote_variants = variants.iter().enumerate().map(|(index, variant)| {
        let (variant, functions) = remote_variant(&input.generics, variant, index);
        field_functions.extend(functions);
        without_self(variant)
    });
    let remote_variants = remote_variants.collect();
    Some(RemoteEnum {
        allowed_lints: input.attributes.allowed_lints.clone(),
        attributes,
        borrowed,
        parameters: input.generics.to_token_stream(),
        bounds: without_self(bounds.to_token_stream()),
        variants: remote_variants,
        field_functions,
        bounded_types: deserialize_bounds::types(&input.generics, variants),
    })
}

fn is_supported(variant: &Variant) -> bool {
    variant.attributes.has_only(VARIANT_ATTRIBUTES)
        && variant.fields.iter().all(|field| field.attributes.has_only(FIELD_ATTRIBUTES))
}

/// Returns a variant of the remote enum, and the functions that its fields name.
fn remote_variant(generics: &Generics, variant: &Variant, index: usize) -> (TokenStream, Vec<FieldFunction>) {
    let (mut syntax, mut field_functions) = (variant.syntax.clone(), Vec::new());
    syntax.discriminant = None;
    let serde_metas: Vec<Meta> = variant.attributes.serde().cloned().collect();
    syntax.attrs = attributes(&variant.attributes, &serde_metas);
    for (at, (of_field, field)) in variant.fields.iter().zip(&mut syntax.fields).enumerate() {
        let (serde_metas, functions) = field_functions::replace_calls(of_field, (index, at));
        field_functions.extend(functions);
        field.default = None;
        field.attrs = attributes(&of_field.attributes, &serde_metas);
        field.attrs.extend(deserialize_bounds::bound(generics, variant, of_field, SERDE));
    }
    (syntax.into_token_stream(), field_functions)
}

/// Returns a field's or a variant's attributes. An `#[expect(..)]` becomes an `#[allow(..)]`,
/// because a lint that fires for the enum need not fire for the remote enum.
fn attributes(attributes: &Attributes, serde_metas: &[Meta]) -> Vec<Attribute> {
    let allowed = attributes.allowed_lints.iter().map(|lints| syn::parse_quote!(#[allow(#lints)]));
    let serde_metas = (!serde_metas.is_empty()).then(|| syn::parse_quote!(#[serde(#(#serde_metas),*)]));
    allowed.chain(serde_metas).collect()
}

/// Replaces `Self`, which would mean the remote enum.
fn replace_self(tokens: TokenStream, itself: &TokenStream) -> TokenStream {
    let one = |token: TokenTree| match token {
        TokenTree::Ident(word) if word == "Self" => itself.clone(),
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), replace_self(group.stream(), itself));
            inside.set_span(group.span());
            TokenTree::Group(inside).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(one).collect()
}
