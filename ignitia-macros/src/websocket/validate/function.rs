//! Everything that can be wrong with a function.

use syn::{FnArg, GenericArgument, GenericParam, Pat, PatType, PathArguments, ReturnType, Signature, Type};

use super::{
    alias::is_usual_alias,
    arguments::{
        BODY, HEAD, MAX_ARGUMENTS, PLAIN, bodies, borrows, form, is_connection, is_one_of, is_parameter,
        is_reply_to, parameters, too_many, wrapped,
    },
    hooks, options,
};
use crate::{
    diagnostics::Errors,
    websocket::{
        lower::{own_name, typed},
        parse::{Attributes, Function},
    },
    written::written,
};

pub(in crate::websocket) fn function(function: &Function, attributes: &Attributes, errors: &mut Errors) {
    let signature = &function.signature;
    for attribute in &function.attributes {
        if attribute.path().segments.last().is_some_and(|last| last.ident == "websocket") {
            let message = "a function is one endpoint, with one path\nhelp: remove this attribute, or put it on a second function that calls this one";
            errors.on(attribute, message);
        }
    }
    options::of_function(attributes, errors);
    modifiers(signature, errors);
    if !function.has_body() {
        errors.on(signature, "a `#[websocket]` function needs a body\nhelp: put it on a function outside of traits, with `{ .. }` in place of `;`");
    }
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    generics(signature, &arguments, errors);
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        let message = "a `#[websocket]` function is a free function, without `self`\nhelp: move it out of the `impl` block, and take what it needs with `State`";
        errors.on(receiver, message);
    }
    for (index, argument) in arguments.iter().enumerate() {
        let is_message = attributes.on_message.is_some() && index + 1 == arguments.len();
        if is_message && matches!(*argument.ty, Type::Path(_)) && borrows(&argument.ty) {
            let help = "help: take a type without a lifetime; or write a session, whose messages may borrow: `message = ClientMsg<'_>`";
            errors.on(&argument.ty, format!("the messages of a function cannot borrow\n{help}"));
        } else {
            form(argument, errors);
        }
    }
    let (before, next) = match attributes.on_message {
        None => {
            if let Some(argument) = arguments.iter().find(|argument| is_reply_to(&argument.ty)) {
                let help = "help: answer with `ws`, whenever you like: the loop of this function is yours";
                errors.on(
                    argument,
                    format!("`ReplyTo` belongs to `on_message` functions and sessions\n{help}"),
                );
            }
            if !is_unclear(attributes, &arguments) {
                connection(signature, &arguments, errors);
            }
            (before_connection(&arguments), "connection")
        }
        Some(_) => {
            let names: Vec<&str> =
                attributes.path.iter().flat_map(|path| path.template.parameters()).collect();
            let has_ids = attributes.id.is_some() || attributes.is_faulty;
            let arguments = without_reply_to(&arguments, has_ids, errors);
            let is_last = message(signature, &arguments, &names, errors);
            let before = before_message(&arguments, &names);
            let has_connection = arguments.len() > 1 && {
                let argument = arguments[arguments.len() - 2];
                is_connection(&argument.ty) || is_usual_alias(argument, &names)
            };
            let next = if has_connection { "connection" } else { "message" };
            if !is_last {
                // What stands in the wrong place is taken for something else.
                return;
            }
            (before, next)
        }
    };
    let of_what =
        format!("a `#[websocket]` function takes at most {MAX_ARGUMENTS} arguments before the {next}");
    too_many(&before, &of_what, errors);
    bodies(&before, next, errors);
    if let Some(path) = &attributes.path {
        parameters(signature, path, &before, errors);
    }
    if attributes.on_message.is_none() && !is_unclear(attributes, &arguments) {
        output(signature, &arguments, errors);
    }
}

/// Whether `on_message` may be what is missing: a faulty option may have been that one, and others have no meaning without it.
fn is_unclear(attributes: &Attributes, arguments: &[&PatType]) -> bool {
    (attributes.is_faulty || options::has_some_for_dispatch(attributes))
        && !arguments.iter().any(|argument| is_connection(&argument.ty))
}

fn modifiers(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if signature.asyncness.is_none() {
        errors.on(
            signature.fn_token,
            format!("a `#[websocket]` function is async\nhelp: write `async fn {name}`"),
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

fn generics(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    // Where an argument borrows, the argument is the place to say so.
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

fn connection(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    let name = &signature.ident;
    let help = format!("help: write `async fn {name}(.., ws: WebSocketConnection)`");
    let found: Vec<usize> =
        (0..arguments.len()).filter(|index| is_connection(&arguments[*index].ty)).collect();
    let Some(last) = arguments.len().checked_sub(1) else {
        let message =
            format!("the connection is missing\nhelp: write `async fn {name}(ws: WebSocketConnection)`");
        errors.at(signature.paren_token.span.join(), message);
        return;
    };
    match found[..] {
        // An alias, or a mistake that the types will show.
        [] if !is_surely_none(arguments[last]) => {}
        [] => errors.on(arguments[last], format!("the connection is missing behind this argument\n{help}")),
        [index] if index == last => {}
        [index] => {
            let or_message = match is_surely_none(arguments[last]) {
                true => "",
                false => "; or `#[websocket(\"/path\", on_message)]`, if what is behind it is a message",
            };
            let message = format!("the connection must be the last argument\n{help}{or_message}");
            errors.on(arguments[index], message);
        }
        [_, second, ..] => {
            errors.on(arguments[second], "the connection is taken twice\nhelp: take it once, and `clone` it where a second handle is needed");
        }
    }
}

/// The arguments that come from the request.
fn before_connection<'a>(arguments: &[&'a PatType]) -> Vec<&'a PatType> {
    let without: Vec<&PatType> =
        arguments.iter().copied().filter(|argument| !is_connection(&argument.ty)).collect();
    let has_connection = without.len() < arguments.len();
    match without.split_last() {
        // Under an alias it is the last one.
        Some((last, rest)) if !has_connection && !is_surely_none(last) => rest.to_vec(),
        _ => without,
    }
}

/// The message is the last argument, and the connection, if it is taken, the one before. Returns whether it may be the last.
fn message(signature: &Signature, arguments: &[&PatType], parameters: &[&str], errors: &mut Errors) -> bool {
    let name = &signature.ident;
    let Some((last, others)) = arguments.split_last() else {
        let message = format!("the message is missing\nhelp: write `async fn {name}(msg: ClientMsg)`");
        errors.at(signature.paren_token.span.join(), message);
        return false;
    };
    let mut is_last = true;
    if let Some(inner) = wrapped(&last.ty).filter(|inner| !is_one_of(inner, PLAIN)) {
        let name = own_name(last).map_or_else(|| "msg".into(), ToString::to_string);
        let help = format!("help: write `{name}: {}`", written(inner));
        errors.on(&last.ty, format!("an `on_message` function takes one message, as it is\n{help}"));
    } else if is_no_message(last) && !borrows(&last.ty) || is_connection(&last.ty) {
        is_last = false;
        let ws = if arguments.iter().any(|argument| is_connection(&argument.ty)) {
            "ws: WebSocketConnection, "
        } else {
            ""
        };
        let help = format!("help: write `async fn {name}(.., {ws}msg: ClientMsg)`");
        errors.on(last, format!("the last argument of an `on_message` function is the message\n{help}"));
    }
    let mut is_taken = is_connection(&last.ty);
    for (index, argument) in others.iter().enumerate() {
        let is_alias = !is_taken && index + 1 == others.len() && is_usual_alias(argument, parameters);
        if !is_connection(&argument.ty) && !is_alias {
            continue;
        }
        if is_one_of(&argument.ty, &["TypedConnection"]) {
            let help =
                "help: take `ws: WebSocketConnection`, or leave `on_message` away: the loop is yours then";
            errors.on(argument, format!("an `on_message` function sends by what it returns\n{help}"));
        } else if is_taken || others[index + 1..].iter().any(|other| is_connection(&other.ty)) {
            if is_taken {
                errors.on(
                    argument,
                    "the connection is taken twice\nhelp: take it once, right before the message",
                );
            }
        } else if index + 1 != others.len() {
            let help = format!("help: write `async fn {name}(.., ws: WebSocketConnection, msg: ClientMsg)`");
            errors.on(argument, format!("the connection goes right before the message\n{help}"));
        }
        is_taken = true;
    }
    is_last
}

/// The arguments without what a later answer needs, which stands behind those that come from the request.
fn without_reply_to<'a>(arguments: &[&'a PatType], has_ids: bool, errors: &mut Errors) -> Vec<&'a PatType> {
    let (found, others): (Vec<&PatType>, Vec<&PatType>) =
        arguments.iter().partition(|argument| is_reply_to(&argument.ty));
    if let Some(second) = found.get(1) {
        errors.on(second, "a request is answered by one `ReplyTo`\nhelp: take it once, and `clone` it");
    }
    if let Some(first) = found.first().filter(|_| !has_ids) {
        hooks::no_ids(first, errors);
    }
    let at = arguments.iter().position(|argument| is_reply_to(&argument.ty));
    let behind = at.map_or(&[][..], |at| &arguments[at + 1..]);
    let rest =
        behind.iter().filter(|argument| !is_connection(&argument.ty) && !is_reply_to(&argument.ty)).count();
    if found.len() == 1 && rest != 1 {
        let help = "help: write `async fn name(.., request: ReplyTo, ws: WebSocketConnection, msg: ClientMsg)`, with or without `ws`";
        errors.on(found[0], format!("`ReplyTo` goes behind the arguments from the request\n{help}"));
    }
    others
}

/// The arguments that come from the request.
fn before_message<'a>(arguments: &[&'a PatType], parameters: &[&str]) -> Vec<&'a PatType> {
    let others = match arguments.split_last() {
        // `msg: String` was meant to be the message.
        Some((last, others))
            if !is_no_message(last) || is_one_of(&last.ty, PLAIN) && !is_parameter(last, parameters) =>
        {
            others
        }
        _ => arguments,
    };
    let is_ours = |index, argument: &PatType| {
        is_connection(&argument.ty) || index + 1 == others.len() && is_usual_alias(argument, parameters)
    };
    let indexed = others.iter().enumerate();
    indexed.filter(|(index, argument)| !is_ours(*index, argument)).map(|(_, argument)| *argument).collect()
}

/// Whether an argument cannot be the message, whatever it is an alias of. Names alone say little: an enum of messages may be
/// called `Request`.
fn is_no_message(argument: &PatType) -> bool {
    let path = match &*argument.ty {
        Type::Path(path) => path,
        // Reported already.
        Type::Reference(_) | Type::ImplTrait(_) => return false,
        _ => return true,
    };
    let is_generic = path.path.segments.last().is_some_and(|last| !last.arguments.is_none());
    is_one_of(&argument.ty, PLAIN)
        || is_generic && (is_one_of(&argument.ty, HEAD) || is_one_of(&argument.ty, BODY))
}

fn output(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    const HELP: &str =
        "help: return what says how the session ended: `-> Response` and `Response::ok()`, or a `CloseFrame`";
    const OR_MESSAGE: &str = "help: write `#[websocket(\"/path\", on_message)]` to have it called for every message; or return what says how the session ended: `-> Response`";
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
            let message = "a `#[websocket]` function cannot return `Ok(())`\nhelp: return what says how the session ended: `-> Result<Response>` and `Ok(Response::ok())`";
            errors.on(ty, message);
        }
        ReturnType::Type(..) => {}
    }
}

/// Whether an argument cannot be the connection, whatever it is an alias of.
fn is_surely_none(argument: &PatType) -> bool {
    is_one_of(&argument.ty, HEAD)
        || is_one_of(&argument.ty, BODY)
        || is_one_of(&argument.ty, PLAIN)
        || !matches!(&*argument.ty, Type::Path(_))
        || !matches!(&*argument.pat, Pat::Ident(_) | Pat::Wild(_))
}

pub(in crate::websocket) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn is_result_of_unit(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    last.ident == "Result" && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_unit(ty))
}
