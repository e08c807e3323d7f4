//! Inspects the arguments of a function.

use syn::{FnArg, Ident, Pat, PatType, ext::IdentExt};

/// Iterates over the arguments other than `self`.
pub(in crate::websocket) fn typed_arguments<'a>(
    inputs: impl Iterator<Item = &'a FnArg>,
) -> impl Iterator<Item = &'a PatType> {
    inputs.filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// Returns the name of an argument that is an identifier and no other pattern.
pub(in crate::websocket) fn argument_name(argument: &PatType) -> Option<&Ident> {
    match &*argument.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// Returns true if the argument has the name of a parameter of the path.
pub(in crate::websocket) fn is_parameter(argument: &PatType, parameters: &[&str]) -> bool {
    argument_name(argument).is_some_and(|name| parameters.contains(&unraw_name(name).as_str()))
}

/// Returns the name without `r#`.
pub(in crate::websocket) fn unraw_name(name: &Ident) -> String {
    name.unraw().to_string()
}
