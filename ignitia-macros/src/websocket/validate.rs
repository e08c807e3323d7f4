//! Everything that can be wrong with a function, all of it found.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    FnArg, GenericArgument, GenericParam, Ident, Pat, PatType, PathArguments, ReturnType, Signature, Type,
    ext::IdentExt,
};

use super::{
    lower::{own_name, typed},
    parse::{Function, Template},
};
use crate::diagnostics::{Errors, did_you_mean};

/// The longest list of arguments before the connection.
const MAX_ARGUMENTS: usize = 7;

/// Extractors that read the body of the request.
const BODY: &[&str] = &["Json", "Form", "Multipart", "Bytes", "Request", "RawForm"];

/// Extractors that are surely no connection under another name.
const HEAD: &[&str] =
    &["State", "Path", "Query", "Headers", "Extension", "Cookies", "RequestId", "HeaderMap", "Method", "Uri"];

/// Types that can only be parameters of the path.
const PLAIN: &[&str] = &[
    "String", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Uuid",
];

pub(super) fn function(function: &Function, path: Option<&Template>, errors: &mut Errors) {
    let signature = &function.signature;
    for attribute in &function.attributes {
        if attribute.path().segments.last().is_some_and(|last| last.ident == "websocket") {
            let message = "a function is one endpoint, with one path\nhelp: remove this attribute, or put it on a second function that calls this one";
            errors.on(attribute, message);
        }
    }
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
    for argument in &arguments {
        form(argument, errors);
    }
    connection(signature, &arguments, errors);
    let before = before_connection(&arguments);
    if before.len() > MAX_ARGUMENTS {
        let message = format!(
            "a `#[websocket]` function takes at most 7 arguments before the connection, not {}\nhelp: put some into one type that implements `FromRequestParts`",
            before.len()
        );
        errors.on(before[MAX_ARGUMENTS], message);
    }
    bodies(&before, errors);
    if let Some(path) = path {
        parameters(signature, path, &before, errors);
    }
    output(signature, errors);
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

/// What one argument may look like.
fn form(argument: &PatType, errors: &mut Errors) {
    match &*argument.ty {
        Type::Reference(reference) => {
            let owned = reference.elem.to_token_stream().to_string();
            let owned = if owned == "str" { "String".into() } else { owned };
            let message = format!(
                "an argument cannot be borrowed: the handler outlives the request\nhelp: take it by value: `{owned}`"
            );
            errors.on(reference, message);
        }
        Type::ImplTrait(opaque) => {
            errors.on(
                opaque,
                "an argument needs a type that can be extracted\nhelp: write the type in place of `impl ..`",
            );
        }
        Type::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "WebSocketUpgrade") =>
        {
            let message = "axum's `WebSocketUpgrade` is not needed here: the upgrade is done for you\nhelp: take `ws: WebSocketConnection` as the last argument instead";
            errors.on(path, message);
        }
        ty if borrows(ty) => {
            errors.on(ty, "an argument cannot borrow: the handler outlives the request\nhelp: take a type without a lifetime");
        }
        _ => {}
    }
}

/// Whether a type has a lifetime in it, other than `'static` and those that it brings itself (`for<'a> fn(&'a str)`).
fn borrows(ty: &Type) -> bool {
    fn in_tokens(tokens: TokenStream) -> bool {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if in_tokens(group.stream()) => return true,
                TokenTree::Ident(word) if word == "for" => return false,
                TokenTree::Punct(tick) if tick.as_char() == '\'' => match tokens.peek() {
                    Some(TokenTree::Ident(name)) if name == "static" => {}
                    _ => return true,
                },
                _ => {}
            }
        }
        false
    }
    matches!(ty, Type::Reference(_)) || in_tokens(ty.to_token_stream())
}

fn connection(signature: &Signature, arguments: &[&PatType], errors: &mut Errors) {
    let name = &signature.ident;
    let help = format!("help: write `async fn {name}(.., ws: WebSocketConnection)`");
    let found: Vec<usize> = (0..arguments.len()).filter(|index| is_connection(arguments[*index])).collect();
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
        [index] => errors.on(arguments[index], format!("the connection must be the last argument\n{help}")),
        [_, second, ..] => {
            errors.on(arguments[second], "the connection is taken twice\nhelp: take it once, and `clone` it where a second handle is needed");
        }
    }
}

/// The arguments that come from the request.
fn before_connection<'a>(arguments: &[&'a PatType]) -> Vec<&'a PatType> {
    let without: Vec<&PatType> =
        arguments.iter().copied().filter(|argument| !is_connection(argument)).collect();
    let has_connection = without.len() < arguments.len();
    match without.split_last() {
        // Under an alias it is the last one.
        Some((last, rest)) if !has_connection && !is_surely_none(last) => rest.to_vec(),
        _ => without,
    }
}

fn bodies(before: &[&PatType], errors: &mut Errors) {
    let bodies: Vec<usize> = (0..before.len()).filter(|index| is_one_of(&before[*index].ty, BODY)).collect();
    for (position, index) in bodies.iter().enumerate() {
        if position > 0 {
            let message = "only one argument can read the body of the request\nhelp: remove all but one";
            errors.on(before[*index], message);
        } else if bodies.len() == 1 && index + 1 != before.len() {
            let message = "an argument that reads the body goes right before the connection\nhelp: move it behind the others";
            errors.on(before[*index], message);
        }
    }
}

fn parameters(signature: &Signature, path: &Template, before: &[&PatType], errors: &mut Errors) {
    let names: Vec<String> = before.iter().filter_map(|argument| own_name(argument)).map(plain).collect();
    // axum's extractor of the parameters takes them all at once.
    let all_at_once = before.iter().any(|argument| takes_parameters(&argument.ty));
    let mut misspelt: Vec<&PatType> = Vec::new();
    for parameter in path.template.parameters() {
        if all_at_once || names.iter().any(|name| name == parameter) {
            continue;
        }
        let underscored = format!("_{parameter}");
        let unused =
            before.iter().find(|argument| own_name(argument).is_some_and(|name| plain(name) == underscored));
        if let Some(unused) = unused {
            let message = format!(
                "the argument of the parameter `<{parameter}>` must have its name\nhelp: write `{parameter}`, and `let _ = {parameter};` if it is not used"
            );
            errors.on(&unused.pat, message);
            continue;
        }
        let alike = before.iter().copied().find(|argument| {
            is_one_of(&argument.ty, PLAIN)
                && own_name(argument).is_some_and(|name| {
                    let name = plain(name);
                    path.template.parameters().all(|known| known != name)
                        && did_you_mean(&name, &[parameter]).is_some()
                })
        });
        if let Some(argument) = alike {
            let name = own_name(argument).map(plain).unwrap_or_default();
            let message = format!(
                "`{name}` is no parameter of the path\nhelp: did you mean `{parameter}`? An argument has the name of its parameter"
            );
            errors.on(&argument.pat, message);
            misspelt.push(argument);
            continue;
        }
        let found = match names.len() {
            0 => "none with a name".into(),
            _ => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        let message = format!(
            "the parameter `<{parameter}>` has no argument in `{}`\nhelp: add `{parameter}: String`, or another type that is `FromStr` (arguments: {found})",
            signature.ident
        );
        errors.at(path.literal.span(), message);
    }
    for argument in before {
        let Some(name) = own_name(argument) else { continue };
        if misspelt.iter().any(|misspelt| std::ptr::eq(*misspelt, *argument)) {
            continue;
        }
        let is_parameter = path
            .template
            .parameters()
            .any(|parameter| plain(name) == parameter || plain(name) == format!("_{parameter}"));
        if !is_parameter && is_one_of(&argument.ty, PLAIN) {
            let message = format!(
                "`{name}` is no parameter of the path, and a `{}` cannot be extracted\nhelp: add `<{name}>` to the path, or take it from the query: `Query(query): Query<..>`",
                argument.ty.to_token_stream()
            );
            errors.on(argument, message);
        }
    }
}

fn output(signature: &Signature, errors: &mut Errors) {
    const HELP: &str =
        "help: return what says how the session ended: `-> Response` and `Response::ok()`, or a `CloseFrame`";
    match &signature.output {
        ReturnType::Default => {
            errors
                .at(signature.ident.span(), format!("a `#[websocket]` function cannot return `()`\n{HELP}"));
        }
        ReturnType::Type(_, ty) if is_unit(ty) => {
            errors.on(ty, format!("a `#[websocket]` function cannot return `()`\n{HELP}"));
        }
        ReturnType::Type(_, ty) if is_result_of_unit(ty) => {
            let message = "a `#[websocket]` function cannot return `Ok(())`\nhelp: return what says how the session ended: `-> Result<Response>` and `Ok(Response::ok())`";
            errors.on(ty, message);
        }
        ReturnType::Type(..) => {}
    }
}

fn is_connection(argument: &PatType) -> bool {
    let borrowed_or_not = match &*argument.ty {
        Type::Reference(reference) => &reference.elem,
        owned => owned,
    };
    is_one_of(borrowed_or_not, &["WebSocketConnection"])
}

/// Whether an argument cannot be the connection, whatever it is an alias of.
fn is_surely_none(argument: &PatType) -> bool {
    is_one_of(&argument.ty, HEAD)
        || is_one_of(&argument.ty, BODY)
        || is_one_of(&argument.ty, PLAIN)
        || !matches!(&*argument.ty, Type::Path(_))
        || !matches!(&*argument.pat, Pat::Ident(_) | Pat::Wild(_))
}

fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// Whether this is axum's `Path<..>`, or `Option<Path<..>>`, or a `Result` of it.
pub(super) fn takes_parameters(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    if last.ident == "Path" || last.ident == "RawPathParams" {
        return true;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    (last.ident == "Option" || last.ident == "Result")
        && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if takes_parameters(ty))
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn is_result_of_unit(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    last.ident == "Result" && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if is_unit(ty))
}

fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}
