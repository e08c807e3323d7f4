//! Checks the methods with `#[on(..)]`.

use quote::ToTokens;
use syn::{Ident, Pat, PatType, Signature, Type, ext::IdentExt};

use super::{
    arguments::owned_type,
    methods::{check_async, check_borrowed_connection, check_borrows_self, check_no_generics, has_cfg},
    reply_to::report_missing_ids,
};
use crate::{
    errors::Errors,
    source_text::source_text,
    tokens::has_ident,
    websocket::{
        parse::{EndpointOptions, Method, OnAttribute, SessionBlock},
        syntax::{
            arguments::{argument_name, typed_arguments},
            connection::is_connection,
            patterns::bound_names,
            types::{PARAMETER_TYPES, borrows, is_reply_to},
        },
    },
};

/// Checks a method with `#[on(..)]`.
pub(super) fn handler(
    session: &SessionBlock,
    options: &EndpointOptions,
    method: &Method,
    index: usize,
    errors: &mut Errors,
) {
    let signature = &method.signature;
    let name = &signature.ident;
    check_async(signature, &name.to_string(), errors);
    check_borrows_self(signature, &name.to_string(), errors);
    check_no_generics(signature, errors);
    for other in method.on_attributes.iter().skip(1) {
        let message = "a method handles one variant\nhelp: give each variant a method of its own; the methods may call a shared one";
        errors.on(&other.attribute, message);
    }
    let Some(handler) = method.on_attributes.first() else { return };
    let is_second = |other: &Method| {
        !has_cfg(other) && other.on_attributes.iter().any(|other| other.variant == handler.variant)
    };
    if !has_cfg(method) && method.every_attributes.is_empty() && session.methods().take(index).any(is_second)
    {
        let message = format!("`{}` is handled twice\nhelp: remove one of the two methods", handler.variant);
        errors.on(&handler.variant, message);
    }
    check_arguments(signature, handler, options, errors);
}

/// Checks that the arguments are exactly the names that the pattern binds; the connection may come
/// last.
fn check_arguments(
    signature: &Signature,
    handler: &OnAttribute,
    options: &EndpointOptions,
    errors: &mut Errors,
) {
    let has_ids = options.id.is_some() || options.has_errors;
    let message = options.message.as_ref().map(|message| source_text(&message.value));
    let bound = bound_names(&handler.pattern);
    let arguments: Vec<&PatType> = typed_arguments(signature.inputs.iter()).collect();
    let has_name = |argument: &PatType, name: &Ident| {
        argument_name(argument).is_some_and(|own| own.unraw() == name.unraw())
    };
    let is_taken = |name: &Ident| arguments.iter().any(|argument| has_name(argument, name));
    if let Some(name) = bound.iter().find(|name| names_type(name) && !is_taken(name)) {
        let pattern = text(&handler.pattern);
        let help = "help: write only the name here, and its type at the argument";
        errors.on(
            name,
            format!("`{name}` is a type, but `#[on({pattern})]` needs the names of fields\n{help}"),
        );
        return;
    }
    if options.message.as_ref().is_some_and(|message| !borrows(&message.value)) {
        check_owned_fields(&arguments, &bound, handler, errors);
    }
    let (connections, others): (Vec<_>, Vec<_>) =
        arguments.iter().enumerate().partition(|(_, argument)| is_connection(&argument.ty));
    for (index, argument) in connections {
        if index + 1 == arguments.len() {
            check_borrowed_connection(argument, errors);
        } else {
            errors.on(argument, "the connection must be the last argument\nhelp: move it after the others");
        }
    }
    let (reply_to, unbound): (Vec<&PatType>, Vec<&PatType>) = others
        .iter()
        .map(|(_, argument)| **argument)
        .filter(|argument| !bound.iter().any(|name| has_name(argument, name)))
        .partition(|argument| is_reply_to(&argument.ty));
    if let Some(argument) = reply_to.first().filter(|_| !has_ids) {
        report_missing_ids(argument, errors);
    }
    let untaken: Vec<&Ident> =
        bound.iter().filter(|name| !others.iter().any(|(_, argument)| has_name(argument, name))).collect();
    // With as many names without an argument as arguments without a name, each name belongs to one
    // argument.
    let are_pairs = unbound.len() == untaken.len();
    for (index, argument) in unbound.iter().enumerate() {
        let pattern = text(&handler.pattern);
        if message.as_ref().is_some_and(|message| *message == source_text(&argument.ty)) {
            let field = bound.first().map_or_else(|| "field".into(), ToString::to_string);
            let help = format!(
                "help: name them in the pattern, and take each as an argument: `#[on({} {{ {field} }})]` and `{field}: Type`",
                handler.variant
            );
            let message = format!("a method takes the fields of its message, not the message\n{help}");
            errors.on(argument, message);
            continue;
        }
        let message = match (argument_name(argument), untaken.get(index).filter(|_| are_pairs)) {
            (Some(name), Some(meant)) => format!(
                "`{name}` is not in `#[on({pattern})]`\nhelp: did you mean `{meant}`? An argument must have a name that the pattern binds"
            ),
            _ if handler.is_wildcard() => {
                "`#[on(_)]` handles any variant: it has no fields\nhelp: give the variant with this field a method of its own: `#[on(Variant { field, .. })]`".into()
            }
            (Some(name), None) => format!(
                "`{name}` is not in `#[on({pattern})]`\nhelp: write {}",
                with_field(&handler.pattern, name)
            ),
            (None, Some(meant)) => format!(
                "an argument must have a name that the pattern binds\nhelp: write `{meant}`, and destructure it in the body"
            ),
            (None, None) => {
                "an argument must have a name that the pattern binds\nhelp: remove it, or write its name here and in the pattern".into()
            }
        };
        errors.on(&argument.pat, message);
    }
    for name in untaken.iter().filter(|_| !are_pairs) {
        let message = format!(
            "the pattern binds `{name}`, but `{}` has no such argument\nhelp: add the argument `{name}`, or write `..` in place of the field",
            signature.ident
        );
        errors.at(name.span(), message);
    }
}

/// Returns true if the name is that of a type, by convention.
fn names_type(name: &Ident) -> bool {
    let name = name.to_string();
    PARAMETER_TYPES.contains(&name.as_str()) || name.starts_with(char::is_uppercase)
}

/// Checks that fields are taken by value if the message borrows nothing.
fn check_owned_fields(arguments: &[&PatType], bound: &[Ident], handler: &OnAttribute, errors: &mut Errors) {
    if has_ident(handler.pattern.to_token_stream(), &|word| word == "ref") {
        return;
    }
    for argument in arguments.iter().filter(|argument| !is_connection(&argument.ty)) {
        if let Type::Reference(reference) = &*argument.ty
            && reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
            && let Some(name) = argument_name(argument).filter(|name| bound.contains(name))
        {
            let help = format!("help: write `{name}: {}`", owned_type(&reference.elem));
            errors.on(reference, format!("a method takes the fields by value\n{help}"));
        }
    }
}

/// Formats the attribute with one more name in its pattern.
fn with_field(pattern: &Pat, name: &Ident) -> String {
    match pattern {
        Pat::Struct(variant) => {
            let fields = variant.fields.iter().map(|field| format!("{}, ", text(field))).collect::<String>();
            format!("`#[on({} {{ {fields}{name}, .. }})]`", text(&variant.path))
        }
        Pat::TupleStruct(variant) => format!("`#[on({}({name}))]`", text(&variant.path)),
        _ => format!("`#[on({} {{ {name}, .. }})]`", text(pattern)),
    }
}

fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string().replace(" ,", ",").replace(" (", "(").replace(" :", ":")
}
