//! Arguments.

use syn::{FnArg, Ident, Pat, PatType, ext::IdentExt};

/// The arguments that are no `self`.
pub(in crate::websocket) fn typed<'a>(
    inputs: impl Iterator<Item = &'a FnArg>,
) -> impl Iterator<Item = &'a PatType> {
    inputs.filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// The name of an argument that is just a name.
pub(in crate::websocket) fn own_name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// Whether an argument has the name of a parameter of the path.
pub(in crate::websocket) fn is_parameter(argument: &PatType, parameters: &[&str]) -> bool {
    own_name(argument).is_some_and(|name| parameters.contains(&plain(name).as_str()))
}

pub(in crate::websocket) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}
