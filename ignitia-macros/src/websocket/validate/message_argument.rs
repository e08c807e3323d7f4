//! Checks the message among the arguments of an `on_message` function.

use syn::{PatType, Signature, Type};

use crate::{
    errors::Errors,
    source_text::source_text,
    websocket::syntax::{
        arguments::{argument_name, is_parameter},
        connection::{is_connection, is_usual_alias},
        types::{BODY_EXTRACTORS, HEAD_EXTRACTORS, PARAMETER_TYPES, borrows, is_named, wrapped_type},
    },
};

/// Checks that the message is the last argument, and that the connection, if there is one, comes
/// before it. Returns true if the last argument can be the message.
pub(super) fn check_message(
    signature: &Signature,
    arguments: &[&PatType],
    parameters: &[&str],
    errors: &mut Errors,
) -> bool {
    let name = &signature.ident;
    let Some((last, others)) = arguments.split_last() else {
        let message = format!("the message is missing\nhelp: write `async fn {name}(msg: ClientMsg)`");
        errors.at(signature.paren_token.span.join(), message);
        return false;
    };
    let mut is_last = true;
    if let Some(inner) = wrapped_type(&last.ty).filter(|inner| !is_named(inner, PARAMETER_TYPES)) {
        let name = argument_name(last).map_or_else(|| "msg".into(), ToString::to_string);
        let help = format!("help: write `{name}: {}`", source_text(inner));
        errors.on(&last.ty, format!("an `on_message` function takes the message type itself\n{help}"));
    } else if is_surely_no_message(last) && !borrows(&last.ty) || is_connection(&last.ty) {
        is_last = false;
        let ws = if arguments.iter().any(|argument| is_connection(&argument.ty)) {
            "ws: WebSocketConnection, "
        } else {
            ""
        };
        let help = format!("help: write `async fn {name}(.., {ws}msg: ClientMsg)`");
        errors.on(last, format!("the last argument of an `on_message` function must be the message\n{help}"));
    }
    let mut is_taken = is_connection(&last.ty);
    for (index, argument) in others.iter().enumerate() {
        let is_alias = !is_taken && index + 1 == others.len() && is_usual_alias(argument, parameters);
        if !is_connection(&argument.ty) && !is_alias {
            continue;
        }
        if is_named(&argument.ty, &["TypedConnection"]) {
            let help =
                "help: take `ws: WebSocketConnection`, or remove `on_message` and write the loop yourself";
            errors.on(
                argument,
                format!("an `on_message` function has no typed connection: it returns what it sends\n{help}"),
            );
        } else if is_taken || others[index + 1..].iter().any(|other| is_connection(&other.ty)) {
            if is_taken {
                errors.on(
                    argument,
                    "the connection is taken twice\nhelp: take it once, right before the message",
                );
            }
        } else if index + 1 != others.len() {
            let help = format!("help: write `async fn {name}(.., ws: WebSocketConnection, msg: ClientMsg)`");
            errors.on(argument, format!("the connection goes right before the message\n{help}"));
        }
        is_taken = true;
    }
    is_last
}

/// Returns the arguments that come from the request.
pub(super) fn before_message<'a>(arguments: &[&'a PatType], parameters: &[&str]) -> Vec<&'a PatType> {
    let others = match arguments.split_last() {
        // `msg: String` was meant to be the message.
        Some((last, others))
            if !is_surely_no_message(last)
                || is_named(&last.ty, PARAMETER_TYPES) && !is_parameter(last, parameters) =>
        {
            others
        }
        _ => arguments,
    };
    let is_connection_argument = |index, argument: &PatType| {
        is_connection(&argument.ty) || index + 1 == others.len() && is_usual_alias(argument, parameters)
    };
    let indexed = others.iter().enumerate();
    indexed
        .filter(|(index, argument)| !is_connection_argument(*index, argument))
        .map(|(_, argument)| *argument)
        .collect()
}

/// Returns true if the argument cannot be an alias of a message type. Names alone say little: an
/// enum of messages may be called `Request`.
fn is_surely_no_message(argument: &PatType) -> bool {
    let path = match &*argument.ty {
        Type::Path(path) => path,
        // This is reported already.
        Type::Reference(_) | Type::ImplTrait(_) => return false,
        _ => return true,
    };
    let is_generic = path.path.segments.last().is_some_and(|last| !last.arguments.is_none());
    is_named(&argument.ty, PARAMETER_TYPES)
        || is_generic && (is_named(&argument.ty, HEAD_EXTRACTORS) || is_named(&argument.ty, BODY_EXTRACTORS))
}
