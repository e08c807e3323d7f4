//! Accept.

use syn::{PatType, ReturnType};

use super::{
    arguments::{MAX_ARGUMENTS, form, too_many},
    methods::{is_async, no_generics},
    path_parameters::parameters,
};
use crate::{
    errors::Errors,
    websocket::{
        parse::{Method, Template},
        syntax::{
            arguments::typed,
            connection::is_connection,
            types::{BODY, is_events, is_one_of},
        },
    },
};

pub(super) fn accept(method: &Method, path: Option<&Template>, errors: &mut Errors) {
    let signature = &method.signature;
    is_async(signature, "accept", errors);
    if let Some(receiver) = signature.receiver() {
        let message = "`accept` makes the session, so it has no `self`\nhelp: remove `self`, and take what it needs from the request";
        errors.on(receiver, message);
    }
    no_generics(signature, errors);
    let (events, arguments): (Vec<&PatType>, Vec<&PatType>) =
        typed(signature.inputs.iter()).partition(|argument| is_events(&argument.ty));
    if let Some(second) = events.get(1) {
        let help = "help: take one, of an enum of both";
        errors.on(second, format!("a session has events of one type\n{help}"));
    }
    for argument in &arguments {
        if is_connection(&argument.ty) {
            let message = "`accept` runs before the upgrade: there is no connection yet\nhelp: take it in `on_open`: `async fn on_open(&mut self, ws: &WebSocketConnection)`";
            errors.on(argument, message);
            continue;
        }
        form(argument, errors);
        if is_one_of(&argument.ty, BODY) {
            let message = "a session cannot read the body of the request\nhelp: take it from the path, the query or the headers";
            errors.on(argument, message);
        }
    }
    let arguments: Vec<&PatType> =
        arguments.into_iter().filter(|argument| !is_connection(&argument.ty)).collect();
    too_many(&arguments, &format!("`accept` takes at most {MAX_ARGUMENTS} arguments"), errors);
    if let Some(path) = path {
        parameters(signature, path, &arguments, errors);
    }
    if matches!(signature.output, ReturnType::Default) && signature.receiver().is_none() {
        let message = "`accept` returns the session\nhelp: write `-> Self`, or `-> Result<Self, StatusCode>` to be able to refuse";
        errors.at(signature.ident.span(), message);
    }
}
