//! Types of fields that serde may not be able to read. Its derive reports them for the enum; in the shadow they are bounds, and
//! where these do not hold the shadow is not used, so that it reports nothing once more.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Generics, LitStr, Type, spanned::Spanned};

use crate::messages::parse::{Field, Variant};

/// What serde reads, if it reads what is in it.
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
/// What takes a field's type out of serde's hands, or lets something else decide how it is read.
const CUSTOM_ATTRIBUTES: &[&str] =
    &["borrow", "deserialize_with", "flatten", "skip", "skip_deserializing", "with"];

/// The types that bounds are needed for, each once.
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

/// The bound at a field of the shadow. It stands at the type: that is where serde's derive would report it.
pub(super) fn bound(generics: &Generics, variant: &Variant, field: &Field, serde: &str) -> Option<Attribute> {
    if !generics.params.is_empty() || !needs_bound(variant, field) {
        return None;
    }
    let ty = field.ty.to_token_stream();
    let bound = LitStr::new(&format!("{ty}: {serde}::Deserialize<'de>"), field.ty.span());
    Some(syn::parse_quote!(#[serde(bound(deserialize = #bound))]))
}

/// A text can say nothing but plain paths: not what a `macro_rules!` has given, nor `$crate`, nor `Self`.
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
