//! Checks the methods with `#[every(..)]`.

use syn::PatType;

use super::methods::{
    check_async, check_borrowed_connection, check_borrows_self, check_no_generics, has_cfg,
};
use crate::{
    errors::Errors,
    websocket::{
        parse::Method,
        syntax::{arguments::typed_arguments, connection::is_connection, hook_names::HOOK_NAMES},
    },
};

/// Checks a method with `#[every(..)]`.
pub(super) fn clock(method: &Method, errors: &mut Errors) {
    const HELP: &str =
        "help: write `async fn tick(&mut self, ws: &WebSocketConnection)`, with or without `ws`";
    let (signature, name) = (&method.signature, method.signature.ident.to_string());
    let Some((first, others)) = method.every_attributes.split_first() else { return };
    if !method.on_attributes.is_empty() {
        let message = "a method cannot have both `#[on(..)]` and `#[every(..)]`\nhelp: split it into two methods; both may call a third one";
        errors.on(&first.attribute, message);
        return;
    }
    if HOOK_NAMES.contains(&name.as_str()) {
        let message = format!(
            "`{name}` is a hook, and cannot be a clock too\nhelp: give the clock a method of its own"
        );
        errors.on(&first.attribute, message);
        return;
    }
    for other in others {
        errors.on(
            &other.attribute,
            "a method has at most one `#[every(..)]`\nhelp: give each clock a method of its own",
        );
    }
    if has_cfg(method) {
        let help = "help: put the `#[cfg(..)]` into its body, or on the whole `impl` block";
        errors.at(signature.ident.span(), format!("a clock cannot have a `#[cfg(..)]`\n{help}"));
    }
    check_async(signature, &name, errors);
    check_borrows_self(signature, &name, errors);
    check_no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            check_borrowed_connection(argument, errors);
        } else {
            errors.on(
                argument,
                format!("a method with `#[every(..)]` takes nothing but the connection\n{HELP}"),
            );
        }
    }
}
