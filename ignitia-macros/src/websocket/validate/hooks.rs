//! The hooks of a session that are about something else than its messages.

use syn::{PatType, Type};

use super::{
    arguments::{is_connection, is_events},
    session::{borrows_self, is_async, is_switched, lent_connection, no_generics},
};
use crate::{
    diagnostics::Errors,
    websocket::{
        lower::typed,
        model::HOOKS,
        parse::{Method, Session},
    },
};

pub(super) fn on_raw(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_raw(&mut self, text: &str) -> Option<Message>`";
    if let Some(argument) = given(method, "on_raw", "the text", HELP, errors)
        && !matches!(&*argument.ty, Type::Reference(reference) if reference.mutability.is_none())
    {
        errors.on(&argument.ty, format!("the text is lent to `on_raw`\n{HELP}"));
    }
}

pub(super) fn on_binary(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_binary(&mut self, bytes: Vec<u8>)`";
    owned(method, "on_binary", "the bytes", HELP, errors);
}

pub(super) fn on_event(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_event(&mut self, event: MyEvent)`, with a type of your own";
    owned(method, "on_event", "the event", HELP, errors);
}

fn owned(method: &Method, hook: &str, what: &str, help: &str, errors: &mut Errors) {
    if let Some(argument) = given(method, hook, what, help, errors)
        && matches!(&*argument.ty, Type::Reference(_))
    {
        errors.on(&argument.ty, format!("`{hook}` takes {what} by value\n{help}"));
    }
}

/// The one argument that a hook is given; the connection may be behind it.
fn given<'a>(
    method: &'a Method,
    hook: &str,
    what: &str,
    help: &str,
    errors: &mut Errors,
) -> Option<&'a PatType> {
    let signature = &method.signature;
    is_async(signature, hook, errors);
    borrows_self(signature, hook, errors);
    no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate().skip(1) {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            lent_connection(argument, errors);
        } else {
            let message = format!("`{hook}` takes {what}, and nothing but the connection behind it\n{help}");
            errors.on(argument, message);
        }
    }
    let first = arguments.first().filter(|argument| !is_connection(&argument.ty));
    if first.is_none() {
        errors.at(signature.ident.span(), format!("`{hook}` takes {what}\n{help}"));
    }
    first.copied()
}

/// A method with `#[every(..)]`.
pub(super) fn every(method: &Method, errors: &mut Errors) {
    const HELP: &str =
        "help: write `async fn tick(&mut self, ws: &WebSocketConnection)`, with or without `ws`";
    let (signature, name) = (&method.signature, method.signature.ident.to_string());
    let Some((first, others)) = method.every.split_first() else { return };
    if !method.handlers.is_empty() {
        let message = "a method is called for a message or by a clock\nhelp: make two methods of it; they may call a common one";
        errors.on(&first.attribute, message);
        return;
    }
    if HOOKS.contains(&name.as_str()) {
        let message = format!("`{name}` is called for its name\nhelp: give the clock a method of its own");
        errors.on(&first.attribute, message);
        return;
    }
    for other in others {
        errors.on(&other.attribute, "a method has one clock\nhelp: give each clock a method of its own");
    }
    if is_switched(method) {
        let help = "help: switch what it does, in its body, or switch the whole `impl` block";
        errors.at(signature.ident.span(), format!("a clock cannot be switched by `#[cfg]`\n{help}"));
    }
    is_async(signature, &name, errors);
    borrows_self(signature, &name, errors);
    no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            lent_connection(argument, errors);
        } else {
            errors.on(argument, format!("a clock gives nothing but the connection\n{HELP}"));
        }
    }
}

/// Events that nobody handles, or that nobody can send.
pub(super) fn events(session: &Session, errors: &mut Errors) {
    // What cannot be read may have been meant as the hook.
    if session.methods().any(|method| method.is_unclear) {
        return;
    }
    let handles = || ["accept", "on_open"].into_iter().filter_map(|hook| session.hook(hook));
    let handles: Vec<&PatType> = handles()
        .flat_map(|method| typed(method.signature.inputs.iter()))
        .filter(|argument| is_events(&argument.ty))
        .collect();
    match (session.hook("on_event"), handles.first()) {
        (None, Some(handle)) => {
            let help = "help: add `async fn on_event(&mut self, event: MyEvent)`";
            errors.on(handle, format!("nobody handles these events\n{help}"));
        }
        (Some(hook), None) => {
            let help = "help: take `events: Events<MyEvent>` in `accept` or `on_open`, and hand it to whoever sends them";
            errors.at(hook.signature.ident.span(), format!("nobody can send events to `on_event`\n{help}"));
        }
        _ => {}
    }
}

/// `ReplyTo` where there are no ids.
pub(super) fn no_ids(argument: &PatType, errors: &mut Errors) {
    let help = "help: add `id = \"id\"` behind the path: the name of the field that requests carry";
    errors.on(argument, format!("requests have no ids here, so they cannot be answered later\n{help}"));
}
