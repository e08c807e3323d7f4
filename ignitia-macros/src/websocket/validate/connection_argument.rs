//! Checks the connection among the arguments of a function.

use syn::{Pat, PatType, Signature, Type};

use crate::{
    errors::Errors,
    websocket::syntax::{
        connection::is_connection,
        types::{BODY_EXTRACTORS, HEAD_EXTRACTORS, PARAMETER_TYPES, is_named},
    },
};

/// Checks that the connection is the last argument.
pub(super) fn check_connection(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    let name = &signature.ident;
    let help = format!("help: write `async fn {name}(.., ws: WebSocketConnection)`");
    let found: Vec<usize> =
        (0..arguments.len()).filter(|index| is_connection(&arguments[*index].ty)).collect();
    let Some(last) = arguments.len().checked_sub(1) else {
        let message =
            format!("the connection is missing\nhelp: write `async fn {name}(ws: WebSocketConnection)`");
        errors.at(signature.paren_token.span.join(), message);
        return;
    };
    match found[..] {
        // This is an alias, or a mistake that rustc reports as a type mismatch.
        [] if !is_surely_no_connection(arguments[last]) => {}
        [] => errors.on(arguments[last], format!("the connection is missing after this argument\n{help}")),
        [index] if index == last => {}
        [index] => {
            let or_message = match is_surely_no_connection(arguments[last]) {
                true => "",
                false => "; or `#[websocket(\"/path\", on_message)]`, if a message follows it",
            };
            let message = format!("the connection must be the last argument\n{help}{or_message}");
            errors.on(arguments[index], message);
        }
        [_, second, ..] => {
            errors.on(arguments[second], "the connection is taken twice\nhelp: take it once, and `clone` it where a second handle is needed");
        }
    }
}

/// Returns the arguments that come from the request.
pub(super) fn before_connection<'a>(arguments: &[&'a PatType]) -> Vec<&'a PatType> {
    let without: Vec<&PatType> =
        arguments.iter().copied().filter(|argument| !is_connection(&argument.ty)).collect();
    let has_connection = without.len() < arguments.len();
    match without.split_last() {
        // An alias of the connection is the last argument.
        Some((last, rest)) if !has_connection && !is_surely_no_connection(last) => rest.to_vec(),
        _ => without,
    }
}

/// Returns true if the argument cannot be an alias of the connection.
fn is_surely_no_connection(argument: &PatType) -> bool {
    is_named(&argument.ty, HEAD_EXTRACTORS)
        || is_named(&argument.ty, BODY_EXTRACTORS)
        || is_named(&argument.ty, PARAMETER_TYPES)
        || !matches!(&*argument.ty, Type::Path(_))
        || !matches!(&*argument.pat, Pat::Ident(_) | Pat::Wild(_))
}
