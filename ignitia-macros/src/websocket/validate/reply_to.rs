//! Checks `ReplyTo` among the arguments.

use syn::PatType;

use crate::{
    errors::Errors,
    websocket::syntax::{connection::is_connection, types::is_reply_to},
};

/// Returns the arguments without `ReplyTo`, which has to come behind those from the request.
pub(super) fn without_reply_to<'a>(
    arguments: &[&'a PatType],
    has_ids: bool,
    errors: &mut Errors,
) -> Vec<&'a PatType> {
    let (found, others): (Vec<&PatType>, Vec<&PatType>) =
        arguments.iter().partition(|argument| is_reply_to(&argument.ty));
    if let Some(second) = found.get(1) {
        errors.on(
            second,
            "`ReplyTo` is taken twice\nhelp: take it once, and `clone` it where a second one is needed",
        );
    }
    if let Some(first) = found.first().filter(|_| !has_ids) {
        report_missing_ids(first, errors);
    }
    let at = arguments.iter().position(|argument| is_reply_to(&argument.ty));
    let behind = at.map_or(&[][..], |at| &arguments[at + 1..]);
    let rest =
        behind.iter().filter(|argument| !is_connection(&argument.ty) && !is_reply_to(&argument.ty)).count();
    if found.len() == 1 && rest != 1 {
        let help = "help: write `async fn name(.., request: ReplyTo, ws: WebSocketConnection, msg: ClientMsg)`, with or without `ws`";
        errors.on(found[0], format!("`ReplyTo` goes after the arguments from the request\n{help}"));
    }
    others
}

/// Reports a `ReplyTo` where requests have no ids.
pub(super) fn report_missing_ids(argument: &PatType, errors: &mut Errors) {
    let help = "help: add `id = \"id\"` after the path: the name of the field that holds the id of a request";
    errors.on(argument, format!("requests have no ids here, so they cannot be answered later\n{help}"));
}
