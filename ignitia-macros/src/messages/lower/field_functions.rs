//! Functions that Serde's derive calls for a field.
//!
//! Serde's derive reports a function with the wrong signature, and a type without `Default`. In the
//! remote enum it calls generated functions instead, which report nothing, so that no error appears
//! twice.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Meta, MetaNameValue, spanned::Spanned};

use crate::{
    hygiene::ident_at,
    messages::{
        model::{FieldBody, FieldFunction},
        parse::{Field, is_one_of},
    },
    ungroup::ungroup_expr,
};

/// Returns Serde's attributes for the field in the remote enum, and the functions that these
/// attributes name.
pub(super) fn replace_calls(field: &Field, place: (usize, usize)) -> (Vec<Meta>, Vec<FieldFunction>) {
    let metas: Vec<Meta> = field.attributes.serde().cloned().collect();
    // For a type that borrows, the function may return a value that outlives the input.
    if !is_owned(field.ty.to_token_stream()) {
        return (metas, Vec::new());
    }
    let has_default = field.attributes.has_one_of(&["default"]);
    let (mut serde_metas, mut functions) = (Vec::new(), Vec::new());
    for meta in metas {
        let is_skipped = is_one_of(&meta, &["skip", "skip_deserializing"]) && !has_default;
        let Some((word, body)) = replacement(&meta, is_skipped) else {
            serde_metas.push(meta);
            continue;
        };
        let name = ident_at(&format!("__field_{}_{}_{}", place.0, place.1, functions.len()), meta.span());
        serde_metas.extend(is_skipped.then_some(meta));
        serde_metas.push(name_value(word, &name));
        functions.push(FieldFunction { name, ty: field.ty.clone(), body });
    }
    (serde_metas, functions)
}

/// Returns the name of the attribute to write in place of this one, and the body of the function it
/// names.
fn replacement(meta: &Meta, is_skipped: bool) -> Option<(&'static str, FieldBody)> {
    if is_skipped {
        return Some(("default", FieldBody::TypeDefault));
    }
    let path = path(meta)?;
    if is_one_of(meta, &["default"]) {
        Some(("default", FieldBody::DefaultFunction(path.into_token_stream())))
    } else if is_one_of(meta, &["deserialize_with"]) {
        Some(("deserialize_with", FieldBody::Deserializer(path.into_token_stream())))
    } else if is_one_of(meta, &["with"]) {
        Some(("deserialize_with", FieldBody::Deserializer(quote!(#path::deserialize))))
    } else {
        None
    }
}

fn path(meta: &Meta) -> Option<ExprPath> {
    let Meta::NameValue(MetaNameValue { value, .. }) = meta else { return None };
    match ungroup_expr(value) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.parse().ok(),
        _ => None,
    }
}

fn name_value(word: &str, function: &Ident) -> Meta {
    let (word, function) =
        (Ident::new(word, function.span()), LitStr::new(&function.to_string(), function.span()));
    syn::parse_quote!(#word = #function)
}

fn is_owned(ty: TokenStream) -> bool {
    ty.into_iter().all(|token| match token {
        TokenTree::Ident(word) => !["Self", "impl", "dyn"].iter().any(|other| word == other),
        TokenTree::Punct(punct) => !['\'', '&'].contains(&punct.as_char()),
        TokenTree::Group(group) => is_owned(group.stream()),
        TokenTree::Literal(_) => true,
    })
}
