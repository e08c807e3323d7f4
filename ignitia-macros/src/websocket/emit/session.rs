use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use super::{
    ident,
    message::{self, Names},
    reflection::Reflection,
    request,
};
use crate::{
    runtime::located_at,
    websocket::model::{Handler, Session},
};

/// What the enum of messages is called in a dispatcher.
const ALIAS: &str = "__Message";

/// The block as it was written; what it tells about itself; its hooks; and its way through the handshake.
pub(in crate::websocket) fn session(session: &Session) -> TokenStream {
    let original = &session.original;
    let reflection = reflection(session);
    let hooks = hooks(session);
    let endpoint = endpoint(session);
    let checks = checks(session);
    quote!(#original #reflection #hooks #endpoint #checks)
}

fn reflection(session: &Session) -> TokenStream {
    let Session { private, path, conditions, generics, self_type, arguments, message, reply, .. } = session;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let visibility = &syn::parse_quote!(pub);
    let (message, reply) = (Some(message), reply.as_ref());
    let items = Reflection { private, visibility, path, arguments, message, reply }.items();
    quote! {
        #(#conditions)*
        #[allow(dead_code, reason = "not everybody asks")]
        impl #impl_generics #self_type #where_clause {
            #items
        }
    }
}

fn hooks(session: &Session) -> TokenStream {
    let Session { private, conditions, generics, self_type, message, enum_path, policy, .. } = session;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (ws, why, text, decoded) = (ident("__ws"), ident("__why"), ident("__text"), ident("__decoded"));
    let Names { id, .. } = Names::new();
    let on_open = on_open(session);
    let on_close = on_close(session);
    let has_on_close = session.on_close.is_some();
    let arms = arms(session);
    let alias = ident(ALIAS);
    let there = located_at(private, message.span());
    let wanted = match &policy.id {
        Some(id) => quote!(::core::option::Option::Some(#id)),
        None => quote!(::core::option::Option::None),
    };
    let decode = quote_spanned!(message.span()=> #there::decode::<#message>(#text, #wanted));
    // At the place where the enum is named: rustc says there which variants have no method.
    let subject = Ident::new("__message", Span::mixed_site().located_at(message.span()));
    let policy = message::policy(private, policy);
    quote! {
        #(#conditions)*
        impl #impl_generics #private::Session for #self_type #where_clause {
            const POLICY: #private::Policy = #policy;
            const HAS_ON_CLOSE: bool = #has_on_close;

            async fn open(&mut self, #ws: &#private::WebSocketConnection) -> #private::Answer {
                #on_open
            }

            async fn dispatch(
                &mut self,
                #text: &::core::primitive::str,
                #ws: &#private::WebSocketConnection,
            ) -> ::core::result::Result<#private::Answer, #private::Malformed> {
                // An enum that cannot be found is reported here, and not at each of its variants.
                use #enum_path as #alias;
                let #decoded = #decode?;
                let (#subject, #id) = (#decoded.message, #decoded.id);
                ::core::result::Result::Ok(match #subject {
                    #(#arms)*
                })
            }

            async fn close(self, #why: #private::CloseCause, #ws: &#private::WebSocketConnection) {
                #on_close
            }
        }
    }
}

fn on_open(session: &Session) -> TokenStream {
    let Session { private, reply, .. } = session;
    let ws = ident("__ws");
    match &session.on_open {
        Some(on_open) => {
            let connection = on_open.takes_connection.then_some(&ws);
            let call = quote!(Self::on_open(self, #connection));
            let none = quote!(::core::option::Option::None);
            message::answer(private, reply.as_ref(), &call, &none, false, on_open.output)
        }
        None => quote!(#private::Answer::default()),
    }
}

fn on_close(session: &Session) -> TokenStream {
    let (ws, why) = (ident("__ws"), ident("__why"));
    match &session.on_close {
        Some(on_close) => {
            let arguments = on_close.takes_cause.then_some(&why).into_iter();
            let arguments = arguments.chain(on_close.takes_connection.then_some(&ws));
            quote!(Self::on_close(self, #(#arguments),*).await)
        }
        None => quote!(),
    }
}

/// One arm for each handler. The last one begins in our code, the others in the user's: where a method is missing, rustc
/// would propose to write an arm behind them otherwise.
fn arms(session: &Session) -> Vec<TokenStream> {
    let last = session.handlers.len() - 1;
    let arm = |(index, handler): (usize, &Handler)| {
        let Handler { variant, pattern, .. } = handler;
        let alias = Ident::new(ALIAS, Span::mixed_site().located_at(variant.span()));
        let answer = reply(session, handler);
        let vert = (index == last).then(|| quote!(|));
        quote!(#vert #alias::#pattern => { #answer })
    };
    session.handlers.iter().enumerate().map(arm).collect()
}

/// The call of a method, and the answer that is made of what it returns.
fn reply(session: &Session, handler: &Handler) -> TokenStream {
    let Session { private, reply, policy, .. } = session;
    let Handler { method, arguments, takes_connection, output, .. } = handler;
    let Names { ws, id, .. } = Names::new();
    let arguments = arguments.iter().chain(takes_connection.then_some(&ws));
    // `self` is ours, whoever wrote the method's name.
    let this = quote!(self);
    let call = quote_spanned!(method.span()=> Self::#method(#this, #(#arguments),*));
    let asked = message::asked(policy, &id);
    let carries_id = policy.id.is_some() && reply.is_none();
    message::answer(private, reply.as_ref(), &call, &asked, carries_id, *output)
}

fn endpoint(session: &Session) -> TokenStream {
    let Session { private, path, conditions, generics, self_type, arguments, accepted, .. } = session;
    let (state, request) = (ident("__S"), ident("__request"));
    let parameters = request::parameters(private, arguments, &request);
    let (extracted, types) = request::extracted(arguments);
    let tuple: Type = syn::parse_quote!((#(#types,)*));
    let values = arguments.iter().map(|argument| &argument.value);
    let route = path.route();
    let there = located_at(private, *accepted);
    let outcome = ident("__outcome");
    let outcome = Ident::new("__outcome", outcome.span().located_at(*accepted));
    let accept = quote_spanned!(*accepted=> #there::Accepts::<Self>::accepted(#outcome));
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(#state));
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static));
    clause.predicates.push(syn::parse_quote!(#state: #private::ExtractsHead<#tuple>));
    let (impl_generics, _, where_clause) = with_state.split_for_impl();
    quote! {
        #(#conditions)*
        impl #impl_generics #private::SessionEndpoint<#state> for #self_type #where_clause {
            const ROUTE: &'static str = #route;

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            async fn accept(
                mut #request: #private::Request,
                __state: &#state,
            ) -> ::core::result::Result<Self, #private::Response> {
                #(#parameters)*
                let (#(#extracted,)*) = <#state as #private::ExtractsHead<#tuple>>::extract_head(__state, #request).await?;
                let #outcome = Self::accept(#(#values),*).await;
                #accept
            }
        }
    }
}

/// What is checked of the types of messages, where they can be named.
fn checks(session: &Session) -> Option<TokenStream> {
    let Session { private, conditions, generics, message, reply, policy, .. } = session;
    if !generics.params.is_empty() {
        return None;
    }
    let fits = message::id_fits(private, policy, message)?;
    let is_free = reply.as_ref().and_then(|reply| message::id_is_carried(private, policy, reply));
    Some(quote!(#(#conditions)* #fits #(#conditions)* #is_free))
}
