//! Arguments.

use syn::{FnArg, Ident, Pat, PatType, ext::IdentExt};

/// The arguments that are no `self`.
pub(in crate::websocket) fn typed_arguments<'a>(
    inputs: impl Iterator<Item = &'a FnArg>,
) -> impl Iterator<Item = &'a PatType> {
    inputs.filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// The name of an argument that is just a name.
pub(in crate::websocket) fn argument_name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// Whether an argument has the name of a parameter of the path.
pub(in crate::websocket) fn is_parameter(argument: &PatType, parameters: &[&str]) -> bool {
    argument_name(argument).is_some_and(|name| parameters.contains(&unraw_name(name).as_str()))
}

pub(in crate::websocket) fn unraw_name(name: &Ident) -> String {
    name.unraw().to_string()
}
