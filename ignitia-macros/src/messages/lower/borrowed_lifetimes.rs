//! Lifetimes that Serde's implementation borrows from its input.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Generics, Lifetime, PathArguments, Type};

use crate::messages::parse::{Field, Variant};

/// Returns the lifetimes that Serde's implementation takes from the input, or `None` if it needs
/// input that is `'static`.
pub(super) fn lifetimes(generics: &Generics, variants: &[Variant]) -> Option<Vec<Lifetime>> {
    let mut names = Vec::new();
    for variant in variants {
        for field in &variant.fields {
            collect_of_field(variant, field, &mut names);
        }
    }
    if names.iter().any(|name| name == "'static") {
        return None;
    }
    let lifetimes = generics.lifetimes().map(|parameter| parameter.lifetime.clone());
    Some(lifetimes.filter(|lifetime| names.contains(&lifetime.to_string())).collect())
}

/// Returns true if every lifetime is declared. rustc reports an undeclared lifetime at each of its
/// uses.
pub(super) fn are_declared(generics: &Generics, variants: &[Variant]) -> bool {
    let mut declared: Vec<String> =
        generics.lifetimes().map(|parameter| parameter.lifetime.to_string()).collect();
    declared.push("'static".to_owned());
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    let has_lifetimes =
        |ty: &Type| matches!(ungrouped(option_argument(ty)), Type::Reference(_) | Type::Path(_));
    fields.filter(|field| has_lifetimes(&field.ty)).all(|field| {
        let mut names = Vec::new();
        collect_lifetimes(field.ty.to_token_stream(), &mut names);
        let is_named =
            |ty: &Type| !matches!(ungrouped(ty), Type::Reference(reference) if reference.lifetime.is_none());
        is_named(&field.ty)
            && is_named(option_argument(&field.ty))
            && names.iter().all(|name| declared.contains(name))
    })
}

fn collect_of_field(variant: &Variant, field: &Field, names: &mut Vec<String>) {
    if field.attributes.has_one_of(&["skip", "skip_deserializing"]) {
        return;
    }
    let attributes = [&variant.attributes, &field.attributes];
    let listed: Vec<String> =
        attributes.iter().flat_map(|attributes| attributes.texts("borrow", "")).collect();
    if !listed.is_empty() {
        names.extend(listed.iter().flat_map(|list| list.split('+')).map(|name| name.trim().to_owned()));
    } else if attributes.iter().any(|attributes| attributes.has_one_of(&["borrow"]))
        || always_borrows(option_argument(&field.ty))
    {
        collect_lifetimes(field.ty.to_token_stream(), names);
    }
}

/// Returns true for `&str` and `&[u8]`, which Serde borrows without `#[serde(borrow)]`.
fn always_borrows(ty: &Type) -> bool {
    let Type::Reference(reference) = ungrouped(ty) else { return false };
    match ungrouped(&reference.elem) {
        Type::Path(path) => path.path.is_ident("str"),
        Type::Slice(slice) => matches!(ungrouped(&slice.elem), Type::Path(path) if path.path.is_ident("u8")),
        _ => false,
    }
}

/// Returns the type in an `Option`, and any other type as it is.
fn option_argument(ty: &Type) -> &Type {
    if let Type::Path(path) = ungrouped(ty)
        && let Some(segment) = path.path.segments.last()
        && segment.ident == "Option"
        && let PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(GenericArgument::Type(ty)) = arguments.args.first()
    {
        return ty;
    }
    ty
}

fn ungrouped(mut ty: &Type) -> &Type {
    while let Type::Group(group) = ty {
        ty = &group.elem;
    }
    ty
}

fn collect_lifetimes(tokens: TokenStream, names: &mut Vec<String>) {
    let mut is_after_quote = false;
    for token in tokens {
        match &token {
            TokenTree::Group(group) => collect_lifetimes(group.stream(), names),
            TokenTree::Ident(name) if is_after_quote => names.push(format!("'{name}")),
            _ => {}
        }
        is_after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
    }
}
