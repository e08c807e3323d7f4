use syn::{Attribute, FnArg, Ident, Pat, PatType, ext::IdentExt};

use crate::{
    hygiene::ident,
    path_template::PathTemplate,
    websocket::{
        model::{Argument, Source},
        validate::takes_parameters,
    },
};

pub(super) fn is_one_of(attribute: &Attribute, names: &[&str]) -> bool {
    names.iter().any(|name| attribute.path().is_ident(name))
}

pub(in crate::websocket) fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

pub(super) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| is_condition(attribute)).cloned().collect()
}

/// The arguments that are no `self`.
pub(in crate::websocket) fn typed<'a>(
    inputs: impl Iterator<Item = &'a FnArg>,
) -> impl Iterator<Item = &'a PatType> {
    inputs.filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

pub(super) fn argument(path: &PathTemplate, index: usize, argument: &PatType) -> Argument {
    // `room: Path<String>` is axum's extractor, whatever its name.
    let name = own_name(argument).filter(|_| !takes_parameters(&argument.ty));
    let source = name.and_then(|name| parameter(path, &name.unraw().to_string()));
    Argument {
        name: shown_name(argument, index),
        value: ident(&format!("__argument_{index}")),
        ty: (*argument.ty).clone(),
        source: source.unwrap_or(Source::Extractor),
    }
}

fn parameter(path: &PathTemplate, wanted: &str) -> Option<Source> {
    path.parameters().find(|name| *name == wanted).map(|name| Source::Parameter(name.to_owned()))
}

/// The name of an argument that is just a name.
pub(in crate::websocket) fn own_name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// The name that the documentation shows: the argument's own, or the one that its pattern binds, or a number.
pub(super) fn shown_name(argument: &PatType, index: usize) -> Ident {
    let bound = match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        Pat::TupleStruct(pattern) => match pattern.elems.first() {
            Some(Pat::Ident(inner)) if pattern.elems.len() == 1 => Some(&inner.ident),
            _ => None,
        },
        _ => None,
    };
    // `State(Db)` binds nothing if `Db` is a unit struct.
    let is_variable =
        |name: &&Ident| !name.unraw().to_string().starts_with(|first: char| first.is_uppercase());
    bound.filter(is_variable).cloned().unwrap_or_else(|| ident(&format!("arg{index}")))
}

/// The names that a pattern binds.
pub(in crate::websocket) fn bound_names(pattern: &Pat) -> Vec<Ident> {
    match pattern {
        Pat::Struct(variant) => variant.fields.iter().flat_map(|field| names(&field.pat)).collect(),
        Pat::TupleStruct(variant) => variant.elems.iter().flat_map(names).collect(),
        // The variant itself.
        _ => Vec::new(),
    }
}

fn names(pattern: &Pat) -> Vec<Ident> {
    match pattern {
        Pat::Ident(name) => {
            let mut all = vec![name.ident.clone()];
            if let Some((_, inner)) = &name.subpat {
                all.extend(names(inner));
            }
            all
        }
        Pat::Tuple(tuple) => tuple.elems.iter().flat_map(names).collect(),
        Pat::Slice(slice) => slice.elems.iter().flat_map(names).collect(),
        Pat::Paren(inner) => names(&inner.pat),
        Pat::Reference(inner) => names(&inner.pat),
        nested => bound_names(nested),
    }
}
