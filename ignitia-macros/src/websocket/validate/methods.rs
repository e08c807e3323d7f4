//! Checks that apply to all methods of a session that are called by the expansion.

use syn::{FnArg, PatType, Receiver, ReceiverKind, Signature, Type};

use crate::{
    errors::Errors,
    websocket::{
        parse::Method,
        syntax::{attributes::is_cfg, types::is_named},
    },
};

/// Returns true if a `#[cfg]` decides on the method.
pub(super) fn has_cfg(method: &Method) -> bool {
    method.attributes.iter().any(is_cfg)
}

pub(super) fn check_async(signature: &Signature, name: &str, errors: &mut Errors) {
    if signature.asyncness.is_none() {
        errors.on(signature.fn_token, format!("`{name}` must be async\nhelp: write `async fn {name}`"));
    }
}

pub(super) fn check_borrows_self(signature: &Signature, name: &str, errors: &mut Errors) {
    let help = format!("help: write `async fn {name}(&mut self, ..)`");
    match signature.receiver() {
        Some(receiver) if is_reference(receiver) => {}
        Some(receiver) => {
            errors.on(receiver, format!("`{name}` cannot consume the session: it takes `&mut self`\n{help}"));
        }
        None => errors.at(signature.ident.span(), format!("`{name}` needs `&mut self`\n{help}")),
    }
}

fn is_reference(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(..))
}

pub(super) fn check_no_generics(signature: &Signature, errors: &mut Errors) {
    if let Some(parameter) = signature.generics.type_params().next() {
        let message = format!(
            "`{}` cannot be inferred\nhelp: declare it on the `impl` block, or write a type in its place",
            parameter.ident
        );
        errors.on(parameter, message);
    }
    for input in &signature.inputs {
        if let FnArg::Typed(argument) = input
            && let Type::ImplTrait(opaque) = &*argument.ty
            && signature.ident != "accept"
        {
            errors
                .on(opaque, "an argument needs a concrete type\nhelp: write the type in place of `impl ..`");
        }
    }
}

/// Checks that the connection is a shared reference.
pub(super) fn check_borrowed_connection(argument: &PatType, errors: &mut Errors) {
    let owned = match &*argument.ty {
        Type::Reference(reference) => &*reference.elem,
        owned => owned,
    };
    if is_named(owned, &["TypedConnection"]) {
        let message = "a session has no typed connection: its methods return what they send\nhelp: write `ws: &WebSocketConnection`";
        errors.on(&argument.ty, message);
        return;
    }
    if matches!(&*argument.ty, Type::Reference(reference) if reference.mutability.is_none()) {
        return;
    }
    let message = "methods of a session borrow the connection\nhelp: write `ws: &WebSocketConnection`, and `clone` it to keep it";
    errors.on(&argument.ty, message);
}
