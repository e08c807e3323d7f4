//! Checks the hook `accept`.

use syn::{PatType, ReturnType};

use super::{
    arguments::{MAX_ARGUMENTS, check_count, check_type},
    methods::{check_async, check_no_generics},
    path_parameters::check_parameters,
};
use crate::{
    errors::Errors,
    websocket::{
        parse::{Method, PathLiteral},
        syntax::{
            arguments::typed_arguments,
            connection::is_connection,
            types::{BODY_EXTRACTORS, is_events, is_named},
        },
    },
};

pub(super) fn accept(method: &Method, path: Option<&PathLiteral>, errors: &mut Errors) {
    let signature = &method.signature;
    check_async(signature, "accept", errors);
    if let Some(receiver) = signature.receiver() {
        let message = "`accept` creates the session, so it cannot take `self`\nhelp: remove `self`, and take what it needs from the request";
        errors.on(receiver, message);
    }
    check_no_generics(signature, errors);
    let (events, arguments): (Vec<&PatType>, Vec<&PatType>) =
        typed_arguments(signature.inputs.iter()).partition(|argument| is_events(&argument.ty));
    if let Some(second) = events.get(1) {
        let help = "help: take one `Events`, of an enum that covers both";
        errors.on(second, format!("a session can have only one type of event\n{help}"));
    }
    for argument in &arguments {
        if is_connection(&argument.ty) {
            let message = "`accept` runs before the upgrade: there is no connection yet\nhelp: take it in `on_open`: `async fn on_open(&mut self, ws: &WebSocketConnection)`";
            errors.on(argument, message);
            continue;
        }
        check_type(argument, errors);
        if is_named(&argument.ty, BODY_EXTRACTORS) {
            let message = "a session cannot read the body of the request\nhelp: take the data from the path, the query or the headers";
            errors.on(argument, message);
        }
    }
    let arguments: Vec<&PatType> =
        arguments.into_iter().filter(|argument| !is_connection(&argument.ty)).collect();
    check_count(&arguments, &format!("`accept` takes at most {MAX_ARGUMENTS} arguments"), errors);
    if let Some(path) = path {
        check_parameters(signature, path, &arguments, errors);
    }
    if matches!(signature.output, ReturnType::Default) && signature.receiver().is_none() {
        let message = "`accept` must return the session\nhelp: write `-> Self`, or `-> Result<Self, StatusCode>` to reject the request";
        errors.at(signature.ident.span(), message);
    }
}
