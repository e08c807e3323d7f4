//! Options that have no meaning where they stand.

use proc_macro2::Span;
use syn::{GenericArgument, Ident, PathArguments, Type};

use super::arguments::{shown, wrapped};
use crate::{
    diagnostics::Errors,
    websocket::parse::{Attributes, Given},
};

pub(super) fn of_function(attributes: &Attributes, errors: &mut Errors) {
    if let Some(message) = &attributes.message {
        let help =
            "help: take it as the last argument, with `on_message`; or write the session as an `impl` block";
        errors.at(message.at, format!("`message` belongs to a session\n{help}"));
    }
    if let Some(reply) = &attributes.reply {
        let help = "help: a function says what it sends by what it returns, or by its `TypedConnection`";
        errors.at(reply.at, format!("`reply` belongs to a session\n{help}"));
    }
    if attributes.on_message.is_none() {
        let help = "help: add `on_message`, or leave the option away: the loop of this function is yours";
        for (name, at) in for_dispatch(attributes) {
            errors.at(at, format!("`{name}` has no meaning without `on_message`\n{help}"));
        }
    }
}

pub(super) fn of_session(attributes: &Attributes, impl_span: Span, errors: &mut Errors) {
    if let Some(at) = attributes.on_message {
        let help = "help: leave it away: the methods with `#[on(..)]` are called for the messages";
        errors.at(at, format!("`on_message` belongs to a function\n{help}"));
    }
    for (name, option) in [("on_raw", &attributes.on_raw), ("on_binary", &attributes.on_binary)] {
        if let Some(option) = option {
            let help = format!("help: leave it away, and write a method `{name}`");
            errors.at(option.at, format!("the option `{name}` belongs to a function\n{help}"));
        }
    }
    for (name, option) in [("message", &attributes.message), ("reply", &attributes.reply)] {
        let Some(Given { value, .. }) = option else { continue };
        if let Some(message) = no_enum(name, value) {
            errors.on(value, message);
        }
    }
    if attributes.message.is_none() && !attributes.is_faulty {
        let help = "help: write `#[websocket(\"/path\", message = ClientMsg, reply = ServerMsg)]`";
        errors.at(impl_span, format!("a session does not know its messages\n{help}"));
    }
}

/// What is wrong with the type of a session's messages.
fn no_enum(name: &str, ty: &Type) -> Option<String> {
    let example = if name == "message" { "ClientMsg" } else { "ServerMsg" };
    if !matches!(ty, Type::Path(path) if path.qself.is_none()) {
        return Some(format!("`{name}` is the name of an enum\nhelp: write `{name} = {example}`"));
    }
    if let Some(inner) = wrapped(ty) {
        let inner = shown(inner);
        let also = if name == "reply" { "; a method may return an `Option` or a `Vec` of it" } else { "" };
        return Some(format!("`{name}` is the enum itself\nhelp: write `{name} = {inner}`{also}"));
    }
    let elided = with_elided(ty);
    (shown(&elided) != shown(ty)).then(|| {
        format!(
            "the messages of a session have no lifetime with a name\nhelp: write `{name} = {}`",
            shown(&elided)
        )
    })
}

/// The type with `'_` for every lifetime that has a name.
fn with_elided(ty: &Type) -> Type {
    let mut ty = ty.clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        for argument in &mut arguments.args {
            if let GenericArgument::Lifetime(lifetime) = argument
                && lifetime.ident != "static"
            {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }
    }
    ty
}

fn for_dispatch(attributes: &Attributes) -> impl Iterator<Item = (&'static str, Span)> {
    let on_malformed = attributes.on_malformed.as_ref().map(|option| ("on_malformed", option.at));
    let on_raw = attributes.on_raw.as_ref().map(|option| ("on_raw", option.at));
    let on_binary = attributes.on_binary.as_ref().map(|option| ("on_binary", option.at));
    let id = attributes.id.as_ref().map(|option| ("id", option.at));
    on_malformed.into_iter().chain(on_raw).chain(on_binary).chain(id)
}
