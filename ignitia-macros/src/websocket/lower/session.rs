//! Lowers the `impl` block of a session to the model of its expansion.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Generics, Ident, PatType, Path, PathArguments, Signature, Type, ext::IdentExt, spanned::Spanned};

use super::{
    options::{id_checks, policy},
    request_arguments::request_argument,
};
use crate::{
    hygiene::{ident, located_at},
    runtime_crate,
    tokens::has_ident,
    websocket::{
        model::{
            ArgumentSource, Clock, Handler, HandlerArgument, Hook, OnClose, OnOpen, RequestArgument, Session,
            SessionPlaceholder,
        },
        parse::{self, EndpointOptions, MisplacedType, SessionItem},
        syntax::{
            arguments::{argument_name, typed_arguments},
            attributes::{cfg_attributes, doc_attributes},
            connection::is_connection,
            patterns::bound_names,
            types::{is_events, output_type},
        },
    },
};

/// Returns the model of a valid block.
pub(in crate::websocket) fn session(options: &EndpointOptions, session: &parse::SessionBlock) -> Session {
    let private = runtime_crate::private_module(options.crate_path.as_ref());
    let path = options.path.as_ref().map(|path| path.template.clone());
    let path = path.expect("`validate` has checked the path");
    let message = options.message.as_ref().map(|message| message.value.clone());
    let message = message.expect("`validate` has checked the message");
    let reply = options.reply.as_ref().map(|reply| reply.value.clone());
    let (enum_path, has_generics) = enum_path(&message);
    let accept = &session.hook("accept").expect("`validate` has checked `accept`").signature;
    let arguments = typed_arguments(accept.inputs.iter())
        .enumerate()
        .map(|(index, argument)| match request_argument(&path, index, argument) {
            events if is_events(&argument.ty) => RequestArgument { source: ArgumentSource::Events, ..events },
            other => other,
        })
        .collect();
    let on_open = session.hook("on_open").map(|method| {
        let (others, connection) = without_connection(&private, method);
        let events = others.first().filter(|argument| is_events(&argument.ty));
        OnOpen {
            name: method.signature.ident.span(),
            events: events.map(|argument| (*argument.ty).clone()),
            connection,
            output: output(&method.signature),
        }
    });
    let on_binary = session.hook("on_binary").map(|method| hook(&private, method));
    let takes_binary = on_binary.is_some();
    let on_close = session.hook("on_close").map(|method| {
        let (others, connection) = without_connection(&private, method);
        OnClose {
            name: method.signature.ident.span(),
            cause: others.first().map(|argument| argument.ty.span()),
            connection,
        }
    });
    let handlers = session
        .methods()
        .filter_map(|method| Some(handler(&private, method.on_attributes.first()?, method)))
        .collect();
    Session {
        private: private.clone(),
        path,
        docs: doc_attributes(&session.attributes),
        conditions: cfg_attributes(&session.attributes),
        generics: session.generics.clone(),
        self_type: session.self_type.clone(),
        name: type_name(&session.self_type),
        original: original(session, session.of_trait.as_ref(), |_| true),
        arguments,
        accept: accept.ident.span(),
        accepted: output(accept),
        on_open,
        handlers,
        on_raw: session.hook("on_raw").map(|method| hook(&private, method)),
        on_binary,
        on_event: session.hook("on_event").map(|method| hook(&private, method)),
        clocks: session.methods().filter_map(|method| clock(&private, method)).collect(),
        on_close,
        id_checks: id_checks(options, &session.generics, &message, reply.as_ref()),
        depends_on_parameters: depends_on_parameters(&message, &session.generics),
        message,
        enum_path,
        has_generics,
        reply,
        unasked: unasked(session),
        policy: policy(options, takes_binary),
    }
}

/// Returns the placeholder of a session whose attribute stands on its type.
pub(in crate::websocket) fn misplaced_type(
    options: &EndpointOptions,
    item: MisplacedType,
) -> SessionPlaceholder {
    let MisplacedType { attributes: outer, name, generics, original, .. } = item;
    let (_, type_generics, _) = generics.split_for_impl();
    SessionPlaceholder {
        private: runtime_crate::private_module(options.crate_path.as_ref()),
        conditions: cfg_attributes(&outer),
        self_type: syn::parse_quote!(#name #type_generics),
        generics,
        original,
    }
}

/// Returns the placeholder of a session with errors.
pub(in crate::websocket) fn session_placeholder(
    options: &EndpointOptions,
    session: &parse::SessionBlock,
) -> SessionPlaceholder {
    // A second item with the same name, or a method without a body, is reported already.
    let is_left = |index: usize| {
        let named = |index: usize| match &session.items[index] {
            SessionItem::Method(method) => Some(&method.signature.ident),
            SessionItem::Other(_) => None,
        };
        let is_first = named(index).is_none_or(|name| (0..index).all(|earlier| named(earlier) != Some(name)));
        is_first && !matches!(&session.items[index], SessionItem::Method(method) if !method.has_body())
    };
    SessionPlaceholder {
        private: runtime_crate::private_module(options.crate_path.as_ref()),
        conditions: cfg_attributes(&session.attributes),
        generics: session.constrained(),
        self_type: session.self_type.clone(),
        // The trait is reported already, and none of the methods is in it.
        original: original(session, None, is_left),
    }
}

/// Returns the block without the attributes of this crate.
fn original(
    session: &parse::SessionBlock,
    of_trait: Option<&TokenStream>,
    keeps: impl Fn(usize) -> bool,
) -> TokenStream {
    let parse::SessionBlock { attributes, qualifiers, generics, self_type, braces, items, .. } = session;
    let items = items.iter().enumerate().filter(|(index, _)| keeps(*index)).map(|(_, item)| match item {
        SessionItem::Method(method) => {
            let parse::Method { attributes, visibility, body, .. } = &**method;
            let signature = method.original_signature();
            // The method has to be async even if its body awaits nothing.
            let is_called = method.is_called() && signature.asyncness.is_some();
            let allow = is_called.then(|| quote!(#[allow(clippy::unused_async)]));
            quote!(#(#attributes)* #allow #visibility #signature #body)
        }
        SessionItem::Other(tokens) => tokens.clone(),
    });
    let (generics, _, where_clause) = generics.split_for_impl();
    let of_trait = of_trait.map(|of_trait| quote!(#of_trait for));
    // The block has the span of the written one, so that rustc reports nothing new.
    let mut block = Group::new(Delimiter::Brace, quote!(#(#items)*));
    block.set_span(*braces);
    quote!(#(#attributes)* #qualifiers impl #generics #of_trait #self_type #where_clause #block)
}

/// Returns the model of a method with `#[on(..)]`.
fn handler(private: &TokenStream, handler: &parse::OnAttribute, method: &parse::Method) -> Handler {
    let (signature, conditions) = (&method.signature, cfg_attributes(&method.attributes));
    let (others, connection) = without_connection(private, method);
    // The spans are in the method's signature, where rustc reports a wrong type.
    let bound = bound_names(&handler.pattern);
    let binds_references = has_ident(handler.pattern.to_token_stream(), &|word| word == "ref");
    let given = |argument: &&PatType| {
        let name = argument_name(argument);
        match name.filter(|name| bound.iter().any(|bound| bound.unraw() == name.unraw())) {
            Some(name) => {
                let exact = is_exact(&argument.ty) && !binds_references;
                HandlerArgument::Field { name: name.clone(), exact: exact.then(|| argument.ty.span()) }
            }
            None => HandlerArgument::ReplyTo(argument.ty.span()),
        }
    };
    let arguments = others.iter().map(given).collect();
    Handler {
        docs: doc_attributes(&method.attributes),
        conditions,
        variant: handler.variant.clone(),
        is_wildcard: handler.is_wildcard(),
        pattern: handler.pattern.clone(),
        method: signature.ident.clone(),
        arguments,
        connection,
        output: output(signature),
        reply: output_type(signature),
    }
}

/// Returns the return types of the hooks and clocks that may send messages.
fn unasked(session: &parse::SessionBlock) -> Vec<Type> {
    let hooks =
        ["on_open", "on_raw", "on_binary", "on_event"].into_iter().filter_map(|name| session.hook(name));
    let clocks = session.methods().filter(|method| !method.every_attributes.is_empty());
    hooks.chain(clocks).map(|method| output_type(&method.signature)).collect()
}

/// Returns the last word of a type's path, which names it.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.unraw().to_string()),
        _ => None,
    }
    .unwrap_or_default()
}

/// Returns true if rustc coerces no other type to this one.
fn is_exact(ty: &Type) -> bool {
    is_plain(ty.to_token_stream())
}

fn is_plain(tokens: TokenStream) -> bool {
    tokens.into_iter().all(|token| match token {
        TokenTree::Ident(word) => !["dyn", "fn", "impl"].iter().any(|other| word == other),
        TokenTree::Punct(punct) => !['&', '*', '!'].contains(&punct.as_char()),
        TokenTree::Group(group) => group.delimiter() != Delimiter::Bracket && is_plain(group.stream()),
        TokenTree::Literal(_) => true,
    })
}

/// Returns the model of a hook with one argument.
fn hook(private: &TokenStream, method: &parse::Method) -> Hook {
    let (others, connection) = without_connection(private, method);
    let given = others.first().expect("`validate` has checked the argument");
    Hook {
        name: method.signature.ident.clone(),
        argument: (*given.ty).clone(),
        connection,
        output: output(&method.signature),
    }
}

/// Returns the model of a method with `#[every(..)]`, or `None` for other methods.
fn clock(private: &TokenStream, method: &parse::Method) -> Option<Clock> {
    let every = method.every_attributes.first()?;
    let (_, connection) = without_connection(private, method);
    Some(Clock {
        period: every.period.clone(),
        method: method.signature.ident.clone(),
        connection,
        output: output(&method.signature),
    })
}

/// Returns the path of an enum without generics, and true if it has some.
fn enum_path(message: &Type) -> (Path, bool) {
    let Type::Path(path) = message else { unreachable!("`validate` has checked the enum") };
    let mut enum_path = path.path.clone();
    for segment in &mut enum_path.segments {
        segment.arguments = PathArguments::None;
    }
    let has_generics = path.path.segments.iter().any(|segment| !segment.arguments.is_none());
    (enum_path, has_generics)
}

/// Returns the arguments without the connection, and the expression to pass for the connection.
fn without_connection<'a>(
    private: &TokenStream,
    method: &'a parse::Method,
) -> (Vec<&'a PatType>, Option<TokenStream>) {
    let mut arguments: Vec<&PatType> = typed_arguments(method.signature.inputs.iter()).collect();
    let ws = ident("__ws");
    let connection =
        arguments.pop_if(|argument| is_connection(&argument.ty)).map(|_| match &method.connection_alias {
            Some(Type::Reference(reference)) => {
                let (alias, there) = (&reference.elem, located_at(private, reference.elem.span()));
                quote_spanned!(alias.span()=> #there::borrow_connection::<#alias>(#ws))
            }
            _ => ws.to_token_stream(),
        });
    (arguments, connection)
}

/// Returns true if the type can be named only in the block.
fn depends_on_parameters(ty: &Type, generics: &Generics) -> bool {
    let types = generics.type_params().map(|parameter| &parameter.ident);
    let consts = generics.const_params().map(|parameter| &parameter.ident);
    let parameters: Vec<&Ident> = types.chain(consts).collect();
    has_ident(ty.to_token_stream(), &|word| *word == "Self" || parameters.contains(&word))
}

/// Returns the span of the return type, or of the name if there is no such type.
fn output(signature: &Signature) -> Span {
    match &signature.output {
        syn::ReturnType::Type(_, ty) => ty.span(),
        syn::ReturnType::Default => signature.ident.span(),
    }
}
