//! Checks the options that depend on the kind of the item.

use proc_macro2::Span;
use quote::ToTokens;
use syn::Type;

use crate::{
    errors::Errors,
    source_text::source_text,
    tokens::replace_lifetimes,
    websocket::{
        parse::{EndpointOptions, OptionValue},
        syntax::types::{borrows, wrapped_type},
    },
};

/// Checks the options of a function. Several wrong options have one cause, so one of them is
/// reported.
pub(super) fn of_function(options: &EndpointOptions, errors: &mut Errors) {
    if let Some(message) = &options.message {
        let help =
            "help: take it as the last argument, with `on_message`; or write the session as an `impl` block";
        errors.at(message.name_span, format!("`message` is only for sessions\n{help}"));
    } else if let Some(reply) = &options.reply {
        let help =
            "help: remove it: a function shows what it sends by its return type, or by its `TypedConnection`";
        errors.at(reply.name_span, format!("`reply` is only for sessions\n{help}"));
    } else if options.on_message.is_none()
        && let Some((name, at)) = for_on_message(options).next()
    {
        let help = "help: add `on_message`, or remove the option: this function runs its own loop";
        errors.at(at, format!("`{name}` has no effect without `on_message`\n{help}"));
    }
}

/// Checks the options of a session.
pub(super) fn of_session(options: &EndpointOptions, impl_span: Span, errors: &mut Errors) {
    if let Some(at) = options.on_message {
        let help = "help: remove it: the methods with `#[on(..)]` are called for the messages";
        errors.at(at, format!("`on_message` is only for functions\n{help}"));
    }
    for (name, option) in [("on_raw", &options.on_raw), ("on_binary", &options.on_binary)] {
        if let Some(option) = option {
            let help = format!("help: remove it, and write a method `{name}`");
            errors.at(option.name_span, format!("the option `{name}` is only for functions\n{help}"));
        }
    }
    for (name, option) in [("message", &options.message), ("reply", &options.reply)] {
        let Some(OptionValue { value, .. }) = option else { continue };
        if let Some(inner) = wrapped_type(value) {
            let also =
                if name == "reply" { "; a method may return an `Option` or a `Vec` of it" } else { "" };
            let help = format!("help: write `{name} = {}`{also}", source_text(inner));
            errors.on(value, format!("`{name}` must be the enum itself\n{help}"));
        }
    }
    if let Some(OptionValue { value, .. }) = &options.message {
        check_message(value, errors);
    }
    if options.message.is_none() && !options.has_errors {
        let help = "help: write `#[websocket(\"/path\", message = ClientMsg, reply = ServerMsg)]`";
        errors.at(impl_span, format!("a session needs the type of its messages\n{help}"));
    }
}

/// Checks that the type of a session's messages can be named in a pattern, and can borrow from the
/// received text.
fn check_message(ty: &Type, errors: &mut Errors) {
    let elided = replace_lifetimes(ty.to_token_stream(), "_");
    if !matches!(ty, Type::Path(path) if path.qself.is_none()) {
        let help = "help: write `message = ClientMsg`";
        errors.on(ty, format!("`message` must be the name of an enum\n{help}"));
    } else if borrows(ty) && source_text(&elided) != source_text(ty) {
        let help = format!("help: write `message = {}`", source_text(&elided));
        errors.on(ty, format!("the messages of a session cannot have a named lifetime\n{help}"));
    }
}

/// Returns true if an option has no meaning without `on_message`.
pub(super) fn has_some_for_on_message(options: &EndpointOptions) -> bool {
    for_on_message(options).next().is_some()
}

fn for_on_message(options: &EndpointOptions) -> impl Iterator<Item = (&'static str, Span)> {
    let on_malformed = options.on_malformed.as_ref().map(|option| ("on_malformed", option.name_span));
    let on_raw = options.on_raw.as_ref().map(|option| ("on_raw", option.name_span));
    let on_binary = options.on_binary.as_ref().map(|option| ("on_binary", option.name_span));
    let id = options.id.as_ref().map(|option| ("id", option.name_span));
    on_malformed.into_iter().chain(on_raw).chain(on_binary).chain(id)
}
