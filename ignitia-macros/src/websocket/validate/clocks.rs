//! Clocks.

use syn::PatType;

use super::methods::{borrows_self, is_async, is_switched, lent_connection, no_generics};
use crate::{
    errors::Errors,
    websocket::{
        parse::Method,
        syntax::{arguments::typed, connection::is_connection, hook_names::HOOKS},
    },
};

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
