//! Lowers the arguments that come from the request.

use syn::{Ident, Pat, PatType, ext::IdentExt};

use crate::{
    hygiene::ident,
    path_template::PathTemplate,
    websocket::{
        model::{ArgumentSource, RequestArgument},
        syntax::{arguments::argument_name, types::is_path_extractor},
    },
};

/// Returns the model of an argument.
pub(super) fn request_argument(path: &PathTemplate, index: usize, argument: &PatType) -> RequestArgument {
    // `room: Path<String>` is axum's extractor, even if `room` is a parameter.
    let name = argument_name(argument).filter(|_| !is_path_extractor(&argument.ty));
    let source = name.and_then(|name| parameter(path, &name.unraw().to_string()));
    RequestArgument {
        name: shown_name(argument, index),
        value: ident(&format!("__argument_{index}")),
        ty: (*argument.ty).clone(),
        source: source.unwrap_or(ArgumentSource::Extractor),
    }
}

fn parameter(path: &PathTemplate, wanted: &str) -> Option<ArgumentSource> {
    path.parameters().find(|name| *name == wanted).map(|name| ArgumentSource::Parameter(name.to_owned()))
}

/// Returns the name for the documentation: that of the argument, the only one its pattern binds, or
/// a numbered one.
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
