//! Checks the hooks of a session, except for `accept`.

use syn::{PatType, Receiver, ReceiverKind, ReturnType, Type};

use super::methods::{check_async, check_borrowed_connection, check_borrows_self, check_no_generics};
use crate::{
    errors::Errors,
    websocket::{
        parse::{Method, SessionBlock},
        syntax::{
            arguments::typed_arguments,
            connection::is_connection,
            types::{is_events, is_unit},
        },
    },
};

pub(super) fn on_raw(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_raw(&mut self, text: &str) -> Option<Message>`";
    if let Some(argument) = single_argument(method, "on_raw", "the text", HELP, errors)
        && !matches!(&*argument.ty, Type::Reference(reference) if reference.mutability.is_none())
    {
        errors.on(&argument.ty, format!("`on_raw` borrows the text\n{HELP}"));
    }
}

pub(super) fn on_binary(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_binary(&mut self, bytes: Vec<u8>)`";
    check_owned(method, "on_binary", "the bytes", HELP, errors);
}

pub(super) fn on_event(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_event(&mut self, event: MyEvent)`, with a type of your own";
    check_owned(method, "on_event", "the event", HELP, errors);
}

/// Checks a hook that takes its argument by value.
fn check_owned(method: &Method, hook: &str, what: &str, help: &str, errors: &mut Errors) {
    if let Some(argument) = single_argument(method, hook, what, help, errors)
        && matches!(&*argument.ty, Type::Reference(_))
    {
        errors.on(&argument.ty, format!("`{hook}` takes {what} by value\n{help}"));
    }
}

/// Returns the one argument of a hook. The connection may come behind it.
fn single_argument<'a>(
    method: &'a Method,
    hook: &str,
    what: &str,
    help: &str,
    errors: &mut Errors,
) -> Option<&'a PatType> {
    let signature = &method.signature;
    check_async(signature, hook, errors);
    check_borrows_self(signature, hook, errors);
    check_no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate().skip(1) {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            check_borrowed_connection(argument, errors);
        } else {
            let message = format!("`{hook}` takes {what} and, optionally, the connection\n{help}");
            errors.on(argument, message);
        }
    }
    let first = arguments.first().filter(|argument| !is_connection(&argument.ty));
    if first.is_none() {
        errors.at(signature.ident.span(), format!("`{hook}` takes {what}\n{help}"));
    }
    first.copied()
}

/// Checks that events have both a handler and a handle to send them through.
pub(super) fn check_events(session: &SessionBlock, errors: &mut Errors) {
    // An attribute that cannot be parsed may have been meant for the hook.
    if session.methods().any(|method| method.has_invalid_attribute) {
        return;
    }
    let handles = || ["accept", "on_open"].into_iter().filter_map(|hook| session.hook(hook));
    let handles: Vec<&PatType> = handles()
        .flat_map(|method| typed_arguments(method.signature.inputs.iter()))
        .filter(|argument| is_events(&argument.ty))
        .collect();
    match (session.hook("on_event"), handles.first()) {
        (None, Some(handle)) => {
            let help = "help: add `async fn on_event(&mut self, event: MyEvent)`";
            errors.on(handle, format!("no hook handles these events\n{help}"));
        }
        (Some(hook), None) => {
            let help = "help: take `events: Events<MyEvent>` in `accept` or `on_open`, and pass it to the code that sends them";
            errors.at(hook.signature.ident.span(), format!("`on_event` never receives an event\n{help}"));
        }
        _ => {}
    }
}

pub(super) fn on_open(method: &Method, errors: &mut Errors) {
    let signature = &method.signature;
    check_async(signature, "on_open", errors);
    check_borrows_self(signature, "on_open", errors);
    check_no_generics(signature, errors);
    let help = "help: write `async fn on_open(&mut self, ws: &WebSocketConnection)`, with or without `ws`";
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_events(&argument.ty) && index == 0 {
            continue;
        }
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            check_borrowed_connection(argument, errors);
        } else {
            errors.on(argument, format!("`on_open` takes nothing but the connection\n{help}"));
        }
    }
}

pub(super) fn on_close(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_close(self, why: CloseCause)`";
    let signature = &method.signature;
    check_async(signature, "on_close", errors);
    match signature.receiver() {
        Some(receiver) if is_by_value(receiver) => {}
        Some(receiver) => {
            errors.on(receiver, format!("`on_close` ends the session: it takes `self` by value\n{HELP}"));
        }
        None => errors.at(signature.ident.span(), format!("`on_close` needs `self`\n{HELP}")),
    }
    check_no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            check_borrowed_connection(argument, errors);
        } else if is_connection(&argument.ty) || index > 0 {
            errors
                .on(argument, format!("`on_close` takes the cause and, optionally, the connection\n{HELP}"));
        }
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && !is_unit(ty)
    {
        let message = "`on_close` returns nothing: the connection has ended\nhelp: remove the return type, and handle errors in the body";
        errors.on(ty, message);
    }
}

fn is_by_value(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Value)
}
