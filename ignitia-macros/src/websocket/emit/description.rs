//! Emits the description of an endpoint for contracts. The runtime's macro makes a function of it,
//! or nothing without the feature `contract`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, Ident, Meta, Type, ext::IdentExt, parse_quote};

use super::option::option;
use crate::{
    tokens::elide_lifetimes,
    websocket::{
        model::{
            ArgumentSource, Endpoint, EndpointKind, Handler, HandlerArgument, MessageFunction, Policy,
            RequestArgument, Session,
        },
        syntax::types::is_opaque,
    },
};

/// Emits the description of an annotated function.
pub(super) fn of_function(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { private, docs, name, arguments, kind, message, reply, .. } = endpoint;
    let head = head(&name.unraw().to_string(), docs, arguments);
    let messages = match kind {
        EndpointKind::Connection(connection) => {
            // Its function receives whatever comes.
            let (options, connection) = (options(private, None, true, true), elided(&connection.ty));
            quote!(#options connection #connection;)
        }
        EndpointKind::OnMessage(function) => {
            let MessageFunction { policy, on_raw, on_binary, reply_to, .. } = function;
            let options = options(private, Some(policy), policy.takes_binary, on_raw.is_some());
            let received = message.as_ref().map(receives);
            // Only the names of the other functions are known, and not their replies.
            let others = (on_raw.is_some() || on_binary.is_some()).then(|| quote!(sends #private::Message;));
            let output = reply.clone().unwrap_or_else(|| parse_quote!(()));
            let handler = handler(None, &[], &output, reply_to.is_some());
            quote!(#options #received #others #handler)
        }
    };
    quote!(#private::described! { #head #messages })
}

/// Emits the description of a session.
pub(super) fn of_session(session: &Session) -> TokenStream {
    let Session { private, docs, name, arguments, message, reply, handlers, unasked, on_raw, .. } = session;
    let head = head(name, docs, arguments);
    let policy = &session.policy;
    let options = options(private, Some(policy), policy.takes_binary, on_raw.is_some());
    let received = receives(message);
    let sent = reply.iter().chain(unasked).filter(|ty| !is_opaque(ty)).map(sends);
    let handlers = handlers.iter().map(|described| {
        let Handler { conditions, docs, variant, is_wildcard, arguments, reply, .. } = described;
        let later = arguments.iter().any(|argument| matches!(argument, HandlerArgument::ReplyTo(_)));
        let described = handler((!is_wildcard).then_some(variant), docs, reply, later);
        quote!(#(#conditions)* #described)
    });
    quote!(#private::described! { #head #options #received #(#sent)* #(#handlers)* })
}

fn head(name: &str, docs: &[Attribute], arguments: &[RequestArgument]) -> TokenStream {
    let docs = doc_lines(docs);
    let parameters = arguments.iter().filter_map(|RequestArgument { ty, source, .. }| match source {
        ArgumentSource::Parameter(name) => {
            let ty = elided(ty);
            Some(quote!(parameter #name #ty;))
        }
        ArgumentSource::Extractor | ArgumentSource::Events => None,
    });
    let extractors = arguments.iter().filter(|argument| matches!(argument.source, ArgumentSource::Extractor));
    let extractors = extractors.map(|argument| elided(&argument.ty));
    quote!(#name [#(#docs),*] #(#parameters)* #(extractor #extractors;)*)
}

/// A connection whose loop is the user's has no policy.
fn options(
    private: &TokenStream,
    policy: Option<&Policy>,
    takes_binary: bool,
    takes_text: bool,
) -> TokenStream {
    let id = option(policy.and_then(|policy| policy.id.as_ref()));
    let on_malformed =
        option(policy.map(|Policy { on_malformed, .. }| quote!(#private::OnMalformed::#on_malformed)));
    quote!(id #id; binary #takes_binary; text #takes_text; malformed #on_malformed;)
}

fn receives(message: &Type) -> TokenStream {
    let message = elided(message);
    quote!(receives #message;)
}

fn sends(reply: &Type) -> TokenStream {
    let reply = elided(reply);
    quote!(sends #reply;)
}

/// A reply whose type has no name may be any message, as one that comes later.
fn handler(variant: Option<&Ident>, docs: &[Attribute], reply: &Type, later: bool) -> TokenStream {
    let later = later || is_opaque(reply);
    let reply = if is_opaque(reply) { quote!(()) } else { elided(reply) };
    let docs = doc_lines(docs);
    let variant = option(variant.map(|variant| variant.unraw().to_string()));
    quote!(handler #variant, [#(#docs),*], #reply, #later;)
}

/// Returns the lines of the documentation.
fn doc_lines(attributes: &[Attribute]) -> impl Iterator<Item = &Expr> {
    attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    })
}

/// Returns a type without names of lifetimes, which belong to a signature.
fn elided(ty: &Type) -> TokenStream {
    elide_lifetimes(ty.to_token_stream())
}
