//! Checks an annotated function.

use syn::{FnArg, GenericArgument, GenericParam, PatType, PathArguments, ReturnType, Signature, Type};

use super::{
    arguments::{MAX_ARGUMENTS, check_body_extractors, check_count, check_type},
    connection_argument::{before_connection, check_connection},
    message_argument::{before_message, check_message},
    options,
    path_parameters::check_parameters,
    reply_to::without_reply_to,
};
use crate::{
    errors::Errors,
    websocket::{
        parse::{EndpointOptions, Function},
        syntax::{
            arguments::typed_arguments,
            connection::{is_connection, is_usual_alias},
            types::{borrows, is_reply_to, is_unit},
        },
    },
};

pub(in crate::websocket) fn function(function: &Function, options: &EndpointOptions, errors: &mut Errors) {
    let signature = &function.signature;
    for attribute in &function.attributes {
        if attribute.path().segments.last().is_some_and(|last| last.ident == "websocket") {
            let message = "a function is one endpoint, with one path\nhelp: remove this attribute, or put it on a second function that calls this one";
            errors.on(attribute, message);
        }
    }
    options::of_function(options, errors);
    check_modifiers(signature, errors);
    if !function.has_body() {
        errors.on(signature, "a `#[websocket]` function needs a body\nhelp: put it on a function outside of traits, with `{ .. }` in place of `;`");
    }
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    check_generics(signature, &arguments, errors);
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        let message = "a `#[websocket]` function is a free function, without `self`\nhelp: move it out of the `impl` block, and take what it needs with `State`";
        errors.on(receiver, message);
    }
    for (index, argument) in arguments.iter().enumerate() {
        let is_message = options.on_message.is_some() && index + 1 == arguments.len();
        if is_message && matches!(*argument.ty, Type::Path(_)) && borrows(&argument.ty) {
            let help = "help: take a type without a lifetime; or write a session, whose messages may borrow: `message = ClientMsg<'_>`";
            errors.on(&argument.ty, format!("the messages of a function cannot borrow\n{help}"));
        } else {
            check_type(argument, errors);
        }
    }
    let (before, next) = match options.on_message {
        None => {
            if let Some(argument) = arguments.iter().find(|argument| is_reply_to(&argument.ty)) {
                let help = "help: answer with `ws`, at any time: this function runs its own loop";
                errors.on(
                    argument,
                    format!("`ReplyTo` is only for `on_message` functions and sessions\n{help}"),
                );
            }
            if !may_lack_on_message(options, &arguments) {
                check_connection(signature, &arguments, errors);
            }
            (before_connection(&arguments), "connection")
        }
        Some(_) => {
            let names: Vec<&str> = options.path.iter().flat_map(|path| path.template.parameters()).collect();
            let has_ids = options.id.is_some() || options.has_errors;
            let arguments = without_reply_to(&arguments, has_ids, errors);
            let is_last = check_message(signature, &arguments, &names, errors);
            let before = before_message(&arguments, &names);
            let has_connection = arguments.len() > 1 && {
                let argument = arguments[arguments.len() - 2];
                is_connection(&argument.ty) || is_usual_alias(argument, &names)
            };
            let next = if has_connection { "connection" } else { "message" };
            if !is_last {
                // An argument in the wrong place was taken for another, so further errors would
                // mislead.
                return;
            }
            (before, next)
        }
    };
    let of_what =
        format!("a `#[websocket]` function takes at most {MAX_ARGUMENTS} arguments before the {next}");
    check_count(&before, &of_what, errors);
    check_body_extractors(&before, next, errors);
    if let Some(path) = &options.path {
        check_parameters(signature, path, &before, errors);
    }
    if options.on_message.is_none() && !may_lack_on_message(options, &arguments) {
        check_output(signature, &arguments, errors);
    }
}

/// Returns true if `on_message` may be missing: an option with an error may have been meant as it,
/// and some options have no meaning without it.
fn may_lack_on_message(options: &EndpointOptions, arguments: &[&PatType]) -> bool {
    (options.has_errors || options::has_some_for_on_message(options))
        && !arguments.iter().any(|argument| is_connection(&argument.ty))
}

fn check_modifiers(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        errors.on(
            signature.fn_token,
            format!("a `#[websocket]` function must be async\nhelp: write `async fn {name}`"),
        );
    }
    if let Some(constness) = &signature.constness {
        errors.on(constness, "a `#[websocket]` function cannot be `const`\nhelp: remove `const`");
    }
    if let syn::Safety::Unsafe(unsafety) = &signature.safety {
        errors.on(unsafety, "a `#[websocket]` function cannot be `unsafe`\nhelp: remove `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.on(abi, "a `#[websocket]` function cannot be `extern`\nhelp: remove `extern`");
    }
    if let Some(variadic) = &signature.variadic {
        errors.on(variadic, "a `#[websocket]` function cannot be variadic\nhelp: remove `...`");
    }
}

fn check_generics(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    // An argument that borrows is reported itself.
    if arguments.iter().any(|argument| borrows(&argument.ty)) {
        return;
    }
    for parameter in &signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            let message = "a `#[websocket]` function cannot borrow: it outlives the request\nhelp: remove the lifetime, and take owned arguments";
            errors.on(lifetime, message);
        }
    }
}

fn check_output(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    const HELP: &str =
        "help: return the outcome of the session: `-> Response` and `Response::ok()`, or a `CloseFrame`";
    const OR_MESSAGE: &str = "help: write `#[websocket(\"/path\", on_message)]` to have it called for every message; or return the outcome of the session: `-> Response`";
    let has_connection = arguments.iter().any(|argument| is_connection(&argument.ty));
    let help = if has_connection || arguments.is_empty() { HELP } else { OR_MESSAGE };
    match &signature.output {
        ReturnType::Default => {
            errors
                .at(signature.ident.span(), format!("a `#[websocket]` function cannot return `()`\n{help}"));
        }
        ReturnType::Type(_, ty) if is_unit(ty) => {
            errors.on(ty, format!("a `#[websocket]` function cannot return `()`\n{help}"));
        }
        ReturnType::Type(_, ty) if is_result_of_unit(ty) => {
            let message = "a `#[websocket]` function cannot return `Ok(())`\nhelp: return the outcome of the session: `-> Result<Response>` and `Ok(Response::ok())`";
            errors.on(ty, message);
        }
        ReturnType::Type(..) => {}
    }
}

fn is_result_of_unit(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    last.ident == "Result" && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_unit(ty))
}
