//! Checks the `impl` block of a session.

use quote::ToTokens;
use syn::GenericParam;

use super::{accept::accept, clocks, handlers::handler, hooks, methods::has_cfg, options};
use crate::{
    errors::Errors,
    spelling::did_you_mean,
    websocket::{
        parse::{EndpointOptions, Method, SessionBlock},
        syntax::{hook_names::HOOK_NAMES, types::borrows},
    },
};

pub(in crate::websocket) fn session(session: &SessionBlock, options: &EndpointOptions, errors: &mut Errors) {
    options::of_session(options, session.impl_span, errors);
    if let Some(of_trait) = &session.of_trait {
        let help = format!("help: write `impl {}`", session.self_type.to_token_stream());
        errors.on(of_trait, format!("a session is an inherent `impl` block, not that of a trait\n{help}"));
        return;
    }
    check_no_lifetime(session, errors);
    let called_accept: Vec<&Method> =
        session.methods().filter(|method| method.signature.ident == "accept").collect();
    // A clock of this name has an error of its own.
    if called_accept.iter().all(|method| !method.may_be_hook() && method.every_attributes.is_empty()) {
        let without = if called_accept.is_empty() { "" } else { ", without `#[on(..)]`" };
        let help = format!(
            "help: write `async fn accept(..) -> Result<Self, StatusCode>`{without}: it creates the session, before the upgrade"
        );
        errors.on(&session.self_type, format!("a session needs `accept`\n{help}"));
    }
    if session.methods().all(|method| method.on_attributes.is_empty() && !method.has_invalid_attribute) {
        let help =
            "help: write `#[on(Variant { field })] async fn name(&mut self, field: Type) -> ServerMsg`";
        errors.on(&session.self_type, format!("a session needs a method for its messages\n{help}"));
    }
    for (index, method) in session.methods().enumerate() {
        let name = &method.signature.ident;
        if !method.has_body() {
            errors.on(&method.body, "a method of a session needs a body\nhelp: write `{ .. }`");
        }
        if !method.on_attributes.is_empty() {
            handler(session, options, method, index, errors);
        }
        if !method.every_attributes.is_empty() {
            clocks::clock(method, errors);
        }
        if !method.may_be_hook() {
            continue;
        }
        let is_second =
            session.methods().take(index).any(|other| other.may_be_hook() && other.signature.ident == *name);
        match name.to_string().as_str() {
            hook if HOOK_NAMES.contains(&hook) && has_cfg(method) => {
                let help = "help: put the `#[cfg(..)]` into its body, or on the whole `impl` block";
                errors.at(name.span(), format!("`{hook}` cannot have a `#[cfg(..)]`\n{help}"));
            }
            hook if is_second && HOOK_NAMES.contains(&hook) => {
                errors.at(name.span(), format!("`{hook}` is defined twice\nhelp: merge the two"));
            }
            "accept" => accept(method, options.path.as_ref(), errors),
            "on_open" => hooks::on_open(method, errors),
            "on_raw" => hooks::on_raw(method, errors),
            "on_binary" => hooks::on_binary(method, errors),
            "on_event" => hooks::on_event(method, errors),
            "on_close" => hooks::on_close(method, errors),
            other if other.starts_with("on_") && !method.has_invalid_attribute => {
                errors.at(
                    name.span(),
                    format!("`{other}` is not a hook, so it is never called\nhelp: {}", help_for_hook(other)),
                );
            }
            _ => {}
        }
    }
    if session.methods().all(|method| method.may_be_hook() || !method.has_hook_name()) {
        hooks::check_events(session, errors);
    }
    check_distinct_names(session, errors);
}

/// Checks that methods called by the expansion have distinct names. Two hooks with one name are
/// reported elsewhere.
fn check_distinct_names(session: &SessionBlock, errors: &mut Errors) {
    let methods: Vec<&Method> = session.methods().filter(|method| !has_cfg(method)).collect();
    for (index, method) in methods.iter().enumerate() {
        let name = &method.signature.ident;
        let before = methods[..index].iter().find(|other| other.signature.ident == *name);
        let Some(before) = before.filter(|before| before.is_called() || method.is_called()) else { continue };
        if !(method.may_be_hook() && before.may_be_hook()) {
            errors.at(name.span(), format!("`{name}` is defined twice\nhelp: rename one of the two"));
        }
    }
}

/// Returns the help for a method with a name like a hook's.
fn help_for_hook(name: &str) -> String {
    const OTHERS: &str = "a method of your own needs another name";
    let hooks = &HOOK_NAMES[1..];
    let all = hooks.iter().map(|hook| format!("`{hook}`")).collect::<Vec<_>>().join(", ");
    match did_you_mean(name, hooks) {
        Some(hook) => format!("did you mean `{hook}`? The hooks of a session are {all}; {OTHERS}"),
        None if name == "on_message" => {
            format!(
                "each kind of message has a method of its own: `#[on(Variant {{ field }})] async fn name(&mut self, field: Type)`; the hooks are {all}"
            )
        }
        None => format!("the hooks of a session are {all}; {OTHERS}"),
    }
}

/// Checks that the session borrows nothing.
fn check_no_lifetime(session: &SessionBlock, errors: &mut Errors) {
    const MESSAGE: &str =
        "a session cannot borrow: it outlives the request\nhelp: remove the lifetime, and hold owned values";
    let lifetime =
        session.generics.params.iter().find(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    match lifetime {
        Some(lifetime) => errors.on(lifetime, MESSAGE),
        None if borrows(&session.self_type) => errors.on(&session.self_type, MESSAGE),
        None => {}
    }
}
