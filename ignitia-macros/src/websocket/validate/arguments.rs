//! What the arguments that come from the request may look like.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Ident, PatType, PathArguments, Signature, Type, ext::IdentExt};

use crate::{
    diagnostics::{Errors, did_you_mean},
    std_types::{argument as argument_of, std_name},
    websocket::{lower::own_name, parse::Template},
    written::written,
};

/// The longest list of arguments that come from the request.
pub(super) const MAX_ARGUMENTS: usize = 7;

/// Extractors that read the body of the request.
pub(super) const BODY: &[&str] = &["Json", "Form", "Multipart", "Bytes", "Request", "RawForm"];

/// Extractors that are surely no connection under another name.
pub(super) const HEAD: &[&str] =
    &["State", "Path", "Query", "Headers", "Extension", "Cookies", "RequestId", "HeaderMap", "Method", "Uri"];

/// Types that can only be parameters of the path.
pub(super) const PLAIN: &[&str] = &[
    "String", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "Uuid",
];

/// What one argument may look like.
pub(super) fn form(argument: &PatType, errors: &mut Errors) {
    match &*argument.ty {
        Type::Reference(reference) => {
            let message = format!(
                "an argument cannot be borrowed: the handler outlives the request\nhelp: take it by value: `{}`",
                owned(&reference.elem)
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

/// The type that owns what is lent as the other.
pub(super) fn owned(lent: &Type) -> String {
    match lent {
        Type::Path(path) if path.path.is_ident("str") => "String".into(),
        Type::Slice(slice) => format!("Vec<{}>", written(&slice.elem)),
        other => written(other),
    }
}

/// Whether a type has a lifetime in it, other than `'static` and those that it brings itself (`for<'a> fn(&'a str)`).
pub(super) fn borrows(ty: &Type) -> bool {
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

pub(super) fn too_many(arguments: &[&PatType], of_what: &str, errors: &mut Errors) {
    if arguments.len() > MAX_ARGUMENTS {
        let message = format!(
            "{of_what}, not {}\nhelp: put some into one type that implements `FromRequestParts`",
            arguments.len()
        );
        errors.on(arguments[MAX_ARGUMENTS], message);
    }
}

/// At most one argument reads the body, right before the connection or the message, which is `next`.
pub(super) fn bodies(before: &[&PatType], next: &str, errors: &mut Errors) {
    let bodies: Vec<usize> = (0..before.len()).filter(|index| is_one_of(&before[*index].ty, BODY)).collect();
    for (position, index) in bodies.iter().enumerate() {
        if position > 0 {
            let message = "only one argument can read the body of the request\nhelp: remove all but one";
            errors.on(before[*index], message);
        } else if bodies.len() == 1 && index + 1 != before.len() {
            let message = format!(
                "an argument that reads the body goes right before the {next}\nhelp: move it behind the others"
            );
            errors.on(before[*index], message);
        }
    }
}

pub(super) fn parameters(signature: &Signature, path: &Template, before: &[&PatType], errors: &mut Errors) {
    let names: Vec<String> = before.iter().filter_map(|argument| own_name(argument)).map(plain).collect();
    // axum's extractor of the parameters takes them all at once.
    let all_at_once = before.iter().any(|argument| takes_parameters(&argument.ty));
    for argument in before {
        all_parameters(path, argument, errors);
    }
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
        if let Some(inner) = wrapped(&argument.ty)
            && !takes_parameters(&argument.ty)
            && path.template.parameters().any(|parameter| plain(name) == parameter)
        {
            let inner = written(inner);
            let message = format!(
                "a parameter of the path is one value, which is always there\nhelp: write `{name}: {inner}`: a segment that cannot be parsed is a 404, and a path without it is another route"
            );
            errors.on(&argument.ty, message);
        }
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

/// axum's `Path<..>` has a value for each parameter of the path, as far as the type tells, or none at all. There may be more of them: a
/// router that this one is nested in has parameters of its own.
fn all_parameters(path: &Template, argument: &PatType, errors: &mut Errors) {
    let Type::Path(extractor) = &*argument.ty else { return };
    let Some(last) = extractor.path.segments.last().filter(|last| last.ident == "Path") else { return };
    let Some(inner) = argument_of(last) else { return };
    let names: Vec<&str> = path.template.parameters().collect();
    let count = match inner {
        Type::Tuple(tuple) => tuple.elems.len(),
        one if is_one_of(one, PLAIN) => 1,
        _ => return,
    };
    if count == 0 || count >= names.len() {
        return;
    }
    let each = names.iter().map(|name| format!("{name}: String")).collect::<Vec<_>>().join(", ");
    let help = format!("help: take each by its name: `{each}`");
    let values = if count == 1 { "value" } else { "values" };
    let message = format!(
        "`{}` takes {count} {values}, and the path has {} parameters\n{help}",
        written(&argument.ty),
        names.len()
    );
    errors.on(&argument.ty, message);
}

/// The type inside of a list, an option or a pointer.
pub(super) fn wrapped(ty: &Type) -> Option<&Type> {
    const WRAPPERS: &[&str] =
        &["Vec", "VecDeque", "HashSet", "BTreeSet", "Option", "Result", "Box", "Arc", "Rc", "Cow"];
    let Type::Path(path) = ty else { return None };
    let name = std_name(&path.path)?;
    argument_of(name).filter(|_| WRAPPERS.iter().any(|wrapper| name.ident == wrapper))
}

pub(super) fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// Whether this is axum's `Path<..>`, or `Option<Path<..>>`, or a `Result` of it.
pub(in crate::websocket) fn takes_parameters(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    if last.ident == "Path" || last.ident == "RawPathParams" {
        return true;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    (last.ident == "Option" || last.ident == "Result")
        && matches!(arguments.args.first(), Some(GenericArgument::Type(ty)) if takes_parameters(ty))
}

/// Whether an argument has the name of a parameter of the path.
pub(super) fn is_parameter(argument: &PatType, parameters: &[&str]) -> bool {
    own_name(argument).is_some_and(|name| parameters.contains(&plain(name).as_str()))
}

fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

/// Whether this is `Events<..>`, the handle for a session's own events.
pub(in crate::websocket) fn is_events(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| {
        last.ident == "Events"
            && matches!(&last.arguments, PathArguments::AngleBracketed(inner) if inner.args.len() == 1)
    })
}

/// Whether this is `ReplyTo`, what a later answer needs.
pub(in crate::websocket) fn is_reply_to(ty: &Type) -> bool {
    is_one_of(ty, &["ReplyTo"])
}

pub(in crate::websocket) fn is_connection(ty: &Type) -> bool {
    let owned = match ty {
        Type::Reference(reference) => &*reference.elem,
        owned => owned,
    };
    is_one_of(owned, &["WebSocketConnection", "TypedConnection"])
}
