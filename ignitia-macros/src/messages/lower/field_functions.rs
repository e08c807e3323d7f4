//! What serde calls for a field. Its derive reports a function that does not fit, and a type without a default. In the shadow it calls
//! functions of ours instead, which report nothing.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Meta, MetaNameValue, spanned::Spanned};

use crate::{
    hygiene::ident_at,
    messages::{
        model::{Called, FieldCall},
        parse::{Field, is_one_of},
    },
    ungroup::ungrouped,
};

/// What serde is told about the field in the shadow, and the functions of ours in it.
pub(super) fn replaced(field: &Field, place: (usize, usize)) -> (Vec<Meta>, Vec<FieldCall>) {
    let metas: Vec<Meta> = field.attributes.serde().cloned().collect();
    // A function may return something that lives longer than what is borrowed.
    if !owns(field.ty.to_token_stream()) {
        return (metas, Vec::new());
    }
    let has_default = field.attributes.has_one_of(&["default"]);
    let (mut told, mut calls) = (Vec::new(), Vec::new());
    for meta in metas {
        let is_skipped = is_one_of(&meta, &["skip", "skip_deserializing"]) && !has_default;
        let Some((word, called)) = called(&meta, is_skipped) else {
            told.push(meta);
            continue;
        };
        let name = ident_at(&format!("__field_{}_{}_{}", place.0, place.1, calls.len()), meta.span());
        told.extend(is_skipped.then_some(meta));
        told.push(named(word, &name));
        calls.push(FieldCall { name, ty: field.ty.clone(), called });
    }
    (told, calls)
}

/// What is called for an attribute, and the attribute that says so.
fn called(meta: &Meta, is_skipped: bool) -> Option<(&'static str, Called)> {
    if is_skipped {
        return Some(("default", Called::Default));
    }
    let path = path(meta)?;
    if is_one_of(meta, &["default"]) {
        Some(("default", Called::Maker(path.into_token_stream())))
    } else if is_one_of(meta, &["deserialize_with"]) {
        Some(("deserialize_with", Called::Reader(path.into_token_stream())))
    } else if is_one_of(meta, &["with"]) {
        Some(("deserialize_with", Called::Reader(quote!(#path::deserialize))))
    } else {
        None
    }
}

fn path(meta: &Meta) -> Option<ExprPath> {
    let Meta::NameValue(MetaNameValue { value, .. }) = meta else { return None };
    match ungrouped(value) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.parse().ok(),
        _ => None,
    }
}

fn named(word: &str, function: &Ident) -> Meta {
    let (word, function) =
        (Ident::new(word, function.span()), LitStr::new(&function.to_string(), function.span()));
    syn::parse_quote!(#word = #function)
}

fn owns(ty: TokenStream) -> bool {
    ty.into_iter().all(|token| match token {
        TokenTree::Ident(word) => !["Self", "impl", "dyn"].iter().any(|other| word == other),
        TokenTree::Punct(punct) => !['\'', '&'].contains(&punct.as_char()),
        TokenTree::Group(group) => owns(group.stream()),
        TokenTree::Literal(_) => true,
    })
}
