//! Bounds for fields whose types may not implement `Deserialize`.
//!
//! Serde's derive reports such a type for the message's enum. In the remote enum the type becomes a
//! bound. Where the bound does not hold, the remote enum stays unused, so the error is not reported
//! twice.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Generics, LitStr, Type, spanned::Spanned};

use crate::messages::parse::{Field, Variant};

/// Types that Serde can deserialize, provided it can deserialize their type arguments.
const DESERIALIZABLE: &[&str] = &[
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Cow",
    "HashMap",
    "HashSet",
    "Option",
    "String",
    "Vec",
    "VecDeque",
    "bool",
    "char",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "std",
    "collections",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];
/// Attributes of Serde that remove a field from deserialization, or replace it.
const CUSTOM_ATTRIBUTES: &[&str] =
    &["borrow", "deserialize_with", "flatten", "skip", "skip_deserializing", "with"];

/// Returns the types that need a bound, without duplicates.
pub(super) fn types(generics: &Generics, variants: &[Variant]) -> Vec<Type> {
    if !generics.params.is_empty() {
        return Vec::new();
    }
    let fields = variants.iter().flat_map(|variant| variant.fields.iter().map(move |field| (variant, field)));
    let (mut names, mut types) = (Vec::new(), Vec::new());
    for (_, field) in fields.filter(|(variant, field)| needs_bound(variant, field)) {
        let name = field.ty.to_token_stream().to_string();
        if !names.contains(&name) {
            names.push(name);
            types.push(field.ty.clone());
        }
    }
    types
}

/// Returns the attribute with the bound of a field in the remote enum. It has the span of the type,
/// because that is where Serde's derive reports the error.
pub(super) fn bound(generics: &Generics, variant: &Variant, field: &Field, serde: &str) -> Option<Attribute> {
    if !generics.params.is_empty() || !needs_bound(variant, field) {
        return None;
    }
    let ty = field.ty.to_token_stream();
    let bound = LitStr::new(&format!("{ty}: {serde}::Deserialize<'de>"), field.ty.span());
    Some(syn::parse_quote!(#[serde(bound(deserialize = #bound))]))
}

/// Returns true if the type may not be deserializable and can be written in a string. Only plain
/// paths can: not the output of a `macro_rules!`, `$crate` or `Self`.
fn needs_bound(variant: &Variant, field: &Field) -> bool {
    let has_custom = [&variant.attributes, &field.attributes]
        .iter()
        .any(|attributes| attributes.has_one_of(CUSTOM_ATTRIBUTES));
    let skips = variant.attributes.has_one_of(&["serialize_with", "other"]);
    let mut is_known = true;
    matches!(field.ty, Type::Path(_))
        && !has_custom
        && !skips
        && is_plain(field.ty.to_token_stream(), &mut is_known)
        && !is_known
}

fn is_plain(tokens: TokenStream, is_known: &mut bool) -> bool {
    use proc_macro2::TokenTree::{Group, Ident, Literal, Punct};
    tokens.into_iter().all(|token| match token {
        Ident(word)
            if word == "Self" || word == "crate" || word == "dyn" || word == "impl" || word == "fn" =>
        {
            false
        }
        Ident(word) => {
            *is_known &= DESERIALIZABLE.iter().any(|known| word == known);
            true
        }
        Punct(punct) => matches!(punct.as_char(), ':' | '<' | '>' | ','),
        Group(_) | Literal(_) => false,
    })
}
