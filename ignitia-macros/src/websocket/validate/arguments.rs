//! Checks the arguments that come from the request.

use syn::{PatType, Type};

use crate::{
    errors::Errors,
    source_text::source_text,
    websocket::syntax::types::{BODY_EXTRACTORS, borrows, is_named},
};

/// Largest number of arguments that come from the request.
pub(super) const MAX_ARGUMENTS: usize = 7;

/// Checks the type of one argument.
pub(super) fn check_type(argument: &PatType, errors: &mut Errors) {
    match &*argument.ty {
        Type::Reference(reference) => {
            let message = format!(
                "an argument cannot be borrowed: the handler outlives the request\nhelp: take it by value: `{}`",
                owned_type(&reference.elem)
            );
            errors.on(reference, message);
        }
        Type::ImplTrait(opaque) => {
            errors.on(
                opaque,
                "an argument needs a type that can be extracted\nhelp: write the type in place of `impl ..`",
            );
        }
        Type::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "WebSocketUpgrade") =>
        {
            let message = "axum's `WebSocketUpgrade` is not needed here: the upgrade is done for you\nhelp: take `ws: WebSocketConnection` as the last argument instead";
            errors.on(path, message);
        }
        ty if borrows(ty) => {
            errors.on(ty, "an argument cannot borrow: the handler outlives the request\nhelp: take a type without a lifetime");
        }
        _ => {}
    }
}

/// Returns the owned type to write in place of a borrowed one.
pub(super) fn owned_type(borrowed: &Type) -> String {
    match borrowed {
        Type::Path(path) if path.path.is_ident("str") => "String".into(),
        Type::Slice(slice) => format!("Vec<{}>", source_text(&slice.elem)),
        other => source_text(other),
    }
}

/// Checks the number of arguments.
pub(super) fn check_count(arguments: &[&PatType], of_what: &str, errors: &mut Errors) {
    if arguments.len() > MAX_ARGUMENTS {
        let message = format!(
            "{of_what}, not {}\nhelp: group some of them in one type that implements `FromRequestParts`",
            arguments.len()
        );
        errors.on(arguments[MAX_ARGUMENTS], message);
    }
}

/// Checks that at most one argument reads the body, in the last place before `next`: the connection
/// or the message.
pub(super) fn check_body_extractors(before: &[&PatType], next: &str, errors: &mut Errors) {
    let bodies: Vec<usize> =
        (0..before.len()).filter(|index| is_named(&before[*index].ty, BODY_EXTRACTORS)).collect();
    for (position, index) in bodies.iter().enumerate() {
        if position > 0 {
            let message = "only one argument can read the body of the request\nhelp: remove all but one";
            errors.on(before[*index], message);
        } else if bodies.len() == 1 && index + 1 != before.len() {
            let message = format!(
                "an argument that reads the body goes right before the {next}\nhelp: move it after the others"
            );
            errors.on(before[*index], message);
        }
    }
}
