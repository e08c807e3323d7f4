//! Everything that can be wrong with the `impl` block of a session.

use quote::ToTokens;
use syn::{
    FnArg, GenericParam, Ident, Pat, PatType, Receiver, ReceiverKind, ReturnType, Signature, Type,
    ext::IdentExt,
};

use super::{
    arguments::{
        BODY, MAX_ARGUMENTS, PLAIN, borrows, form, is_connection, is_events, is_one_of, is_reply_to, owned,
        parameters, too_many,
    },
    function::is_unit,
    hooks, options,
};
use crate::{
    diagnostics::{Errors, did_you_mean},
    hygiene::has_word,
    websocket::{
        lower::{bound_names, is_condition, own_name, typed},
        model::HOOKS,
        parse::{Attributes, Handler, Method, Session, Template},
    },
    written::written,
};

pub(in crate::websocket) fn session(session: &Session, attributes: &Attributes, errors: &mut Errors) {
    options::of_session(attributes, session.impl_span, errors);
    if let Some(of_trait) = &session.of_trait {
        let help = format!("help: write `impl {}`", session.self_type.to_token_stream());
        errors.on(of_trait, format!("a session is an `impl` block of its own, of no trait\n{help}"));
        return;
    }
    borrowed(session, errors);
    if session.methods().all(|method| method.signature.ident != "accept") {
        let help = "help: write `async fn accept(..) -> Result<Self, StatusCode>`: it makes the session, before the upgrade";
        errors.on(&session.self_type, format!("a session needs `accept`\n{help}"));
    }
    if session.methods().all(|method| method.handlers.is_empty() && !method.is_unclear) {
        let help =
            "help: write `#[on(Variant { field })] async fn name(&mut self, field: Type) -> ServerMsg`";
        errors.on(&session.self_type, format!("a session handles its messages\n{help}"));
    }
    for (index, method) in session.methods().enumerate() {
        let name = &method.signature.ident;
        if !method.has_body() {
            errors.on(&method.body, "a method of a session needs a body\nhelp: write `{ .. }`");
        }
        if !method.handlers.is_empty() {
            handlers(session, attributes, method, index, errors);
        }
        if !method.every.is_empty() {
            hooks::every(method, errors);
        }
        if !method.may_be_hook() {
            continue;
        }
        let is_second =
            session.methods().take(index).any(|other| other.may_be_hook() && other.signature.ident == *name);
        match name.to_string().as_str() {
            hook if HOOKS.contains(&hook) && is_switched(method) => {
                let help = "help: switch what it does, in its body, or switch the whole `impl` block";
                errors.at(name.span(), format!("`{hook}` cannot be switched by `#[cfg]`\n{help}"));
            }
            hook if is_second && HOOKS.contains(&hook) => {
                errors.at(name.span(), format!("there are two `{hook}`\nhelp: make one of the two"));
            }
            "accept" => accept(method, attributes.path.as_ref(), errors),
            "on_open" => on_open(method, errors),
            "on_raw" => hooks::on_raw(method, errors),
            "on_binary" => hooks::on_binary(method, errors),
            "on_event" => hooks::on_event(method, errors),
            "on_close" => on_close(method, errors),
            other if other.starts_with("on_") && !method.is_unclear => {
                errors.at(name.span(), format!("no one calls `{other}`\nhelp: {}", instead_of_hook(other)));
            }
            _ => {}
        }
    }
    if session.methods().all(|method| method.may_be_hook() || !method.has_name_of_hook()) {
        hooks::events(session, errors);
    }
    names(session, errors);
}

/// Methods that are called by us have names of their own. Two hooks of one name are reported as such.
fn names(session: &Session, errors: &mut Errors) {
    let methods: Vec<&Method> = session.methods().filter(|method| !is_switched(method)).collect();
    for (index, method) in methods.iter().enumerate() {
        let name = &method.signature.ident;
        let before = methods[..index].iter().find(|other| other.signature.ident == *name);
        let Some(before) = before.filter(|before| before.is_called() || method.is_called()) else { continue };
        if !(method.may_be_hook() && before.may_be_hook()) {
            errors.at(
                name.span(),
                format!("there are two methods `{name}`\nhelp: give one of the two another name"),
            );
        }
    }
}

/// The help for a method that looks like a hook.
fn instead_of_hook(name: &str) -> String {
    const OTHERS: &str = "methods of your own have other names";
    let hooks = &HOOKS[1..];
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

fn borrowed(session: &Session, errors: &mut Errors) {
    const MESSAGE: &str = "a session cannot borrow: it outlives the request\nhelp: remove the lifetime, and let it own what it holds";
    let lifetime =
        session.generics.params.iter().find(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    match lifetime {
        Some(lifetime) => errors.on(lifetime, MESSAGE),
        None if borrows(&session.self_type) => errors.on(&session.self_type, MESSAGE),
        None => {}
    }
}

fn accept(method: &Method, path: Option<&Template>, errors: &mut Errors) {
    let signature = &method.signature;
    is_async(signature, "accept", errors);
    if let Some(receiver) = signature.receiver() {
        let message = "`accept` makes the session, so it has no `self`\nhelp: remove `self`, and take what it needs from the request";
        errors.on(receiver, message);
    }
    no_generics(signature, errors);
    let (events, arguments): (Vec<&PatType>, Vec<&PatType>) =
        typed(signature.inputs.iter()).partition(|argument| is_events(&argument.ty));
    if let Some(second) = events.get(1) {
        let help = "help: take one, of an enum of both";
        errors.on(second, format!("a session has events of one type\n{help}"));
    }
    for argument in &arguments {
        if is_connection(&argument.ty) {
            let message = "`accept` runs before the upgrade: there is no connection yet\nhelp: take it in `on_open`: `async fn on_open(&mut self, ws: &WebSocketConnection)`";
            errors.on(argument, message);
            continue;
        }
        form(argument, errors);
        if is_one_of(&argument.ty, BODY) {
            let message = "a session cannot read the body of the request\nhelp: take it from the path, the query or the headers";
            errors.on(argument, message);
        }
    }
    let arguments: Vec<&PatType> =
        arguments.into_iter().filter(|argument| !is_connection(&argument.ty)).collect();
    too_many(&arguments, &format!("`accept` takes at most {MAX_ARGUMENTS} arguments"), errors);
    if let Some(path) = path {
        parameters(signature, path, &arguments, errors);
    }
    if matches!(signature.output, ReturnType::Default) && signature.receiver().is_none() {
        let message = "`accept` returns the session\nhelp: write `-> Self`, or `-> Result<Self, StatusCode>` to be able to refuse";
        errors.at(signature.ident.span(), message);
    }
}

fn on_open(method: &Method, errors: &mut Errors) {
    let signature = &method.signature;
    is_async(signature, "on_open", errors);
    borrows_self(signature, "on_open", errors);
    no_generics(signature, errors);
    let help = "help: write `async fn on_open(&mut self, ws: &WebSocketConnection)`, with or without `ws`";
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_events(&argument.ty) && index == 0 {
            continue;
        }
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            lent_connection(argument, errors);
        } else {
            errors.on(argument, format!("`on_open` takes nothing but the connection\n{help}"));
        }
    }
}

fn on_close(method: &Method, errors: &mut Errors) {
    const HELP: &str = "help: write `async fn on_close(self, why: CloseCause)`";
    let signature = &method.signature;
    is_async(signature, "on_close", errors);
    match signature.receiver() {
        Some(receiver) if is_by_value(receiver) => {}
        Some(receiver) => {
            errors.on(receiver, format!("`on_close` ends the session: it takes `self` by value\n{HELP}"));
        }
        None => errors.at(signature.ident.span(), format!("`on_close` needs `self`\n{HELP}")),
    }
    no_generics(signature, errors);
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    for (index, argument) in arguments.iter().enumerate() {
        if is_connection(&argument.ty) && index + 1 == arguments.len() {
            lent_connection(argument, errors);
        } else if is_connection(&argument.ty) || index > 0 {
            errors.on(
                argument,
                format!("`on_close` takes the cause, and nothing but the connection behind it\n{HELP}"),
            );
        }
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && !is_unit(ty)
    {
        let message = "`on_close` returns nothing: the connection has ended\nhelp: remove the type, and handle errors inside";
        errors.on(ty, message);
    }
}

/// A method with `#[on(..)]`.
fn handlers(session: &Session, attributes: &Attributes, method: &Method, index: usize, errors: &mut Errors) {
    let signature = &method.signature;
    let name = &signature.ident;
    is_async(signature, &name.to_string(), errors);
    borrows_self(signature, &name.to_string(), errors);
    no_generics(signature, errors);
    for other in method.handlers.iter().skip(1) {
        let message = "a method handles one variant\nhelp: give each variant a method of its own; they may call a common one";
        errors.on(&other.attribute, message);
    }
    let Some(handler) = method.handlers.first() else { return };
    let is_second = |other: &Method| {
        !is_switched(other) && other.handlers.iter().any(|other| other.variant == handler.variant)
    };
    if !is_switched(method) && method.every.is_empty() && session.methods().take(index).any(is_second) {
        let message = format!("`{}` is handled twice\nhelp: remove one of the two methods", handler.variant);
        errors.on(&handler.variant, message);
    }
    arguments(signature, handler, attributes, errors);
}

/// Every argument is a name in the pattern, and the other way round; the connection may be last.
fn arguments(signature: &Signature, handler: &Handler, attributes: &Attributes, errors: &mut Errors) {
    let has_ids = attributes.id.is_some() || attributes.is_faulty;
    let message = attributes.message.as_ref().map(|message| written(&message.value));
    let bound = bound_names(&handler.pattern);
    let arguments: Vec<&PatType> = typed(signature.inputs.iter()).collect();
    let has_name =
        |argument: &PatType, name: &Ident| own_name(argument).is_some_and(|own| own.unraw() == name.unraw());
    let is_taken = |name: &Ident| arguments.iter().any(|argument| has_name(argument, name));
    if let Some(name) = bound.iter().find(|name| names_type(name) && !is_taken(name)) {
        let pattern = text(&handler.pattern);
        let help = "help: write the name alone, and its type at the argument";
        errors
            .on(name, format!("`{name}` is a type, and `#[on({pattern})]` has the names of fields\n{help}"));
        return;
    }
    if attributes.message.as_ref().is_some_and(|message| !borrows(&message.value)) {
        by_value(&arguments, &bound, handler, errors);
    }
    let (connections, others): (Vec<_>, Vec<_>) =
        arguments.iter().enumerate().partition(|(_, argument)| is_connection(&argument.ty));
    for (index, argument) in connections {
        if index + 1 == arguments.len() {
            lent_connection(argument, errors);
        } else {
            errors.on(argument, "the connection must be the last argument\nhelp: move it behind the others");
        }
    }
    let (reply_to, unbound): (Vec<&PatType>, Vec<&PatType>) = others
        .iter()
        .map(|(_, argument)| **argument)
        .filter(|argument| !bound.iter().any(|name| has_name(argument, name)))
        .partition(|argument| is_reply_to(&argument.ty));
    if let Some(argument) = reply_to.first().filter(|_| !has_ids) {
        hooks::no_ids(argument, errors);
    }
    let untaken: Vec<&Ident> =
        bound.iter().filter(|name| !others.iter().any(|(_, argument)| has_name(argument, name))).collect();
    // As many names without argument as arguments without name: they belong together.
    let are_pairs = unbound.len() == untaken.len();
    for (index, argument) in unbound.iter().enumerate() {
        let pattern = text(&handler.pattern);
        if message.as_ref().is_some_and(|message| *message == written(&argument.ty)) {
            let field = bound.first().map_or_else(|| "field".into(), ToString::to_string);
            let help = format!(
                "help: name them in the pattern, and take each as an argument: `#[on({} {{ {field} }})]` and `{field}: Type`",
                handler.variant
            );
            let message = format!("a method takes the fields of its message, not the message\n{help}");
            errors.on(argument, message);
            continue;
        }
        let message = match (own_name(argument), untaken.get(index).filter(|_| are_pairs)) {
            (Some(name), Some(meant)) => format!(
                "`{name}` is not in `#[on({pattern})]`\nhelp: did you mean `{meant}`? An argument has the name that the pattern binds"
            ),
            _ if handler.is_rest() => {
                "`#[on(_)]` is for whatever comes: it has no fields\nhelp: give the variant with this field a method of its own: `#[on(Variant { field, .. })]`".into()
            }
            (Some(name), None) => format!(
                "`{name}` is not in `#[on({pattern})]`\nhelp: write {}",
                with_field(&handler.pattern, name)
            ),
            (None, Some(meant)) => format!(
                "an argument has the name that the pattern binds\nhelp: write `{meant}`, and take it apart in the body"
            ),
            (None, None) => {
                "an argument has the name that the pattern binds\nhelp: remove it, or write its name here and in the pattern".into()
            }
        };
        errors.on(&argument.pat, message);
    }
    for name in untaken.iter().filter(|_| !are_pairs) {
        let message = format!(
            "`{name}` is taken out of the message, and `{}` has no such argument\nhelp: add the argument `{name}`, or write `..` in place of the field",
            signature.ident
        );
        errors.at(name.span(), message);
    }
}

/// Whether a name is that of a type, as people write them.
fn names_type(name: &Ident) -> bool {
    let name = name.to_string();
    PLAIN.contains(&name.as_str()) || name.starts_with(char::is_uppercase)
}

/// What is taken out of a message that borrows nothing is the method's own.
fn by_value(arguments: &[&PatType], bound: &[Ident], handler: &Handler, errors: &mut Errors) {
    if has_word(handler.pattern.to_token_stream(), &|word| word == "ref") {
        return;
    }
    for argument in arguments.iter().filter(|argument| !is_connection(&argument.ty)) {
        if let Type::Reference(reference) = &*argument.ty
            && reference.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static")
            && let Some(name) = own_name(argument).filter(|name| bound.contains(name))
        {
            let help = format!("help: write `{name}: {}`", owned(&reference.elem));
            errors.on(reference, format!("the fields of a message are the method's own\n{help}"));
        }
    }
}

/// Whether a `#[cfg]` decides if it is there.
pub(super) fn is_switched(method: &Method) -> bool {
    method.attributes.iter().any(is_condition)
}

/// How the pattern would look with one more name.
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

pub(super) fn is_async(signature: &Signature, name: &str, errors: &mut Errors) {
    if signature.asyncness.is_none() {
        errors.on(signature.fn_token, format!("`{name}` is async\nhelp: write `async fn {name}`"));
    }
}

pub(super) fn borrows_self(signature: &Signature, name: &str, errors: &mut Errors) {
    let help = format!("help: write `async fn {name}(&mut self, ..)`");
    match signature.receiver() {
        Some(receiver) if is_reference(receiver) => {}
        Some(receiver) => {
            errors.on(receiver, format!("the session goes on after `{name}`: it takes `&mut self`\n{help}"));
        }
        None => errors.at(signature.ident.span(), format!("`{name}` needs `&mut self`\n{help}")),
    }
}

fn is_reference(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Reference(..))
}

fn is_by_value(receiver: &Receiver) -> bool {
    matches!(receiver.kind, ReceiverKind::Value)
}

pub(super) fn no_generics(signature: &Signature, errors: &mut Errors) {
    if let Some(parameter) = signature.generics.type_params().next() {
        let message = format!(
            "nobody says what `{}` is\nhelp: put it on the `impl` block, or write a type",
            parameter.ident
        );
        errors.on(parameter, message);
    }
    for input in &signature.inputs {
        if let FnArg::Typed(argument) = input
            && let Type::ImplTrait(opaque) = &*argument.ty
            && signature.ident != "accept"
        {
            errors.on(opaque, "an argument needs a type\nhelp: write the type in place of `impl ..`");
        }
    }
}

pub(super) fn lent_connection(argument: &PatType, errors: &mut Errors) {
    let owned = match &*argument.ty {
        Type::Reference(reference) => &*reference.elem,
        owned => owned,
    };
    if is_one_of(owned, &["TypedConnection"]) {
        let message = "a session sends by what its methods return: it has no typed connection\nhelp: write `ws: &WebSocketConnection`";
        errors.on(&argument.ty, message);
        return;
    }
    if matches!(&*argument.ty, Type::Reference(reference) if reference.mutability.is_none()) {
        return;
    }
    let message = "the connection is lent to the methods of a session\nhelp: write `ws: &WebSocketConnection`, and `clone` it to keep it";
    errors.on(&argument.ty, message);
}
