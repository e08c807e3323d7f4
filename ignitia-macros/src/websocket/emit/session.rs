//! Emits the expansion of a session's `impl` block.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Generics, Ident, Type, spanned::Spanned};

use super::{
    description, hooks, id_checks, match_arms,
    names::{Names, SESSION},
    option::option,
    policy,
    reflection::Reflection,
    request_arguments,
};
use crate::{
    hygiene::{ident, ident_at, located_at, named_at},
    tokens::replace_lifetimes,
    websocket::model::{ArgumentSource, IdChecks, Session},
};

/// Emits the block as it was written; the reflection; the hooks; and the endpoint that accepts the
/// session.
pub(in crate::websocket) fn session(mut session: Session) -> TokenStream {
    let alias = session.generics.params.is_empty().then(|| alias(&mut session.self_type));
    let Session { original, conditions, .. } = &session;
    let reflection = reflection(&session);
    let hooks = implementation(&session);
    let endpoint = endpoint(&session);
    let checks = checks(&session);
    quote! {
        #original

        #(#conditions)*
        const _: () = {
            #alias
            #reflection
            #hooks
            #endpoint
            #checks
        };
    }
}

/// Replaces the session's type by an alias: each mention of an invalid type is one more error.
fn alias(self_type: &mut Type) -> TokenStream {
    let (name, alias) = (ident("__Self"), named_at("__Self", self_type));
    let self_type = std::mem::replace(self_type, alias);
    quote!(type #name = #self_type;)
}

/// Emits the reflection.
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

/// Emits the implementation of the runtime's `Session`.
fn implementation(session: &Session) -> TokenStream {
    let Session { private, conditions, self_type, message, policy, .. } = session;
    let (ws, text, decoded) = (ident("__ws"), ident("__text"), ident("__decoded"));
    let hooks = hooks::hooks(session);
    let has_on_close = session.on_close.is_some();
    let there = located_at(private, message.span());
    let wanted = option(policy.id.as_ref());
    let policy = policy::policy(private, policy);
    let (Names { id, .. }, this) = (Names::new(), ident(SESSION));
    let (alias, message) = match_arms::enum_alias(session);
    let decode = quote_spanned!(session.message.span()=> #there::decode::<#message>(#text, #wanted));
    let completeness = match_arms::completeness(session, &message);
    let (enum_name, arms) = match_arms::arms(session, &message);
    let replies = session.reply.as_ref().map(|reply| {
        let there = located_at(private, reply.span());
        let are_messages = quote_spanned!(reply.span()=> #there::are_messages::<#reply>);
        quote!(let _: fn() = #are_messages;)
    });
    // The span is that of the enum in the attribute, where rustc reports patterns that are missing.
    let subject = ident_at("__message", session.message.span());
    // The span is that of the type's name, where rustc reports a future that is not `Send`.
    let here = self_type.span();
    let private_here = located_at(private, here);
    let dispatch = quote_spanned! {here=>
        async fn dispatch(
            &mut self,
            #text: &::core::primitive::str,
            #ws: &#private_here::WebSocketConnection,
        ) -> ::core::result::Result<#private_here::Answer, #private_here::Malformed> {
            #alias
            #completeness
            #replies
            let #this = self;
            let #decoded = #decode?;
            let (#subject, #id) = (#decoded.message, #decoded.id);
            ::core::result::Result::Ok({
                #enum_name
                match #subject {
                    #(#arms)*
                }
            })
        }
    };
    let by = ident("__By");
    let sent = send_impls(session, &by);
    let generics = with_send_bounds(session, &by, true);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    quote! {
        #sent

        #(#conditions)*
        impl #impl_generics #private::Session<#by> for #self_type #where_clause {
            const POLICY: #private::Policy = #policy;
            const HAS_ON_CLOSE: bool = #has_on_close;

            #dispatch
            #hooks
        }
    }
}

/// Emits the implementations by which rustc checks that the session and its events are `Send`.
fn send_impls(session: &Session, by: &Ident) -> TokenStream {
    let Session { private, conditions, generics, self_type, .. } = session;
    let events_can = event_type(session).map(|(event, here)| {
        // The path has the hygiene of the user's code: rustc points at the path as a whole.
        let there: TokenStream = private.clone().into_iter().map(|token| respanned(token, here)).collect();
        let mut generics = generics.clone();
        generics.params.push(syn::parse_quote!(#by));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let send_event = quote_spanned! {here=>
            impl #impl_generics #there::SendEvent<#event, #by> for #self_type #where_clause {}
        };
        quote!(#(#conditions)* #send_event)
    });
    let generics = with_send_bounds(session, by, false);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let here = self_type.span();
    let there = located_at(private, here);
    let can_be_sent = quote_spanned! {here=>
        impl #impl_generics #there::SendSession<#by> for #self_type #where_clause {}
    };
    quote!(#events_can #(#conditions)* #can_be_sent)
}

fn respanned(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(span);
    token
}

/// Returns the block's generics and `by`, with the bound that events are `Send`, and, if
/// `session_can`, the bound that the session is.
fn with_send_bounds(session: &Session, by: &Ident, session_can: bool) -> Generics {
    let Session { private, generics, self_type, .. } = session;
    let mut generics = generics.clone();
    generics.params.push(syn::parse_quote!(#by));
    let clause = generics.make_where_clause();
    if let Some((event, _)) = event_type(session) {
        clause.predicates.push(syn::parse_quote!(#self_type: #private::SendEvent<#event, #by>));
    }
    if session_can {
        clause.predicates.push(syn::parse_quote!(#self_type: #private::SendSession<#by>));
    }
    generics
}

/// Returns the type of the session's events, and its span. Events are stored, so the type is
/// `'static`.
fn event_type(session: &Session) -> Option<(TokenStream, Span)> {
    let given = &session.on_event.as_ref()?.argument;
    Some((replace_lifetimes(given.to_token_stream(), "static"), given.span()))
}

/// Emits the implementation of the runtime's `SessionEndpoint`.
fn endpoint(session: &Session) -> TokenStream {
    let Session { private, path, conditions, self_type, arguments, accepted, .. } = session;
    let (state, request) = (ident("__S"), ident("__request"));
    let parameters = request_arguments::parameters(private, arguments, &request);
    let (extracted, types) = request_arguments::extracted(arguments);
    let tuple: Type = syn::parse_quote!((#(#types,)*));
    let values = arguments.iter().map(|argument| &argument.value);
    let (events, inbox) = (ident("__events"), ident("__inbox"));
    let handles = arguments.iter().filter(|argument| matches!(argument.source, ArgumentSource::Events)).map(
        |argument| {
            let (value, ty) = (&argument.value, &argument.ty);
            let handle = ident_at("__handle", ty.span());
            quote!(let #handle = ::core::clone::Clone::clone(&#events); let #value: #ty = #handle;)
        },
    );
    let queue = session.on_event.as_ref().map(|hook| {
        let given = &hook.argument;
        let there = located_at(private, given.span());
        let made = quote_spanned!(given.span()=> #there::inbox::<#given>());
        quote!(let (#events, #inbox) = #made; let _ = &#events;)
    });
    let inbox = option(session.on_event.as_ref().map(|_| &inbox));
    let (route, description) = (path.route(), description::of_session(session));
    let there = located_at(private, *accepted);
    let outcome = ident_at("__outcome", *accepted);
    let accept = quote_spanned!(*accepted=> #there::Accepts::<Self>::accepted(#outcome));
    let mut with_state = with_send_bounds(session, &state, true);
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote! {
        #state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static
    });
    // Each bound has the span of its type, where rustc reports it.
    for ty in &types {
        let there = located_at(private, ty.span());
        clause.predicates.push(syn::parse_quote_spanned!(ty.span()=> #ty: #there::AcceptArgument<#state>));
    }
    clause.predicates.push(syn::parse_quote!(#state: #private::ExtractsHead<#tuple>));
    let (impl_generics, _, where_clause) = with_state.split_for_impl();
    let private_here = located_at(private, session.accept);
    let (state_value, accepted_session) = (ident("__state"), ident("__accepted"));
    let function = quote_spanned! {session.accept=>
        async fn accept_from(
            mut #request: #private_here::Request,
            #state_value: &#state,
        ) -> ::core::result::Result<
            (Self, ::core::option::Option<#private_here::Inbox>), #private_here::Response
        > {
            #(#parameters)*
            let (#(#extracted,)*) =
                <#state as #private_here::ExtractsHead<_>>::extract_head(#state_value, #request).await?;
            #queue
            #(#handles)*
            let #outcome = Self::accept(#(#values),*).await;
            let #accepted_session = #accept?;
            ::core::result::Result::Ok((#accepted_session, #inbox))
        }
    };
    quote! {
        #(#conditions)*
        impl #impl_generics #private::SessionEndpoint<#state> for #self_type #where_clause {
            const ROUTE: &'static str = #route;

            #description

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            #function
        }
    }
}

/// Emits the checks of the id, which run at compile time. The types are named in an `impl` block
/// like everywhere else, so that rustc has the same words for an unresolved one.
fn checks(session: &Session) -> Option<TokenStream> {
    let Session { private, conditions, self_type, id_checks, .. } = session;
    let IdChecks { id, message, reply } = id_checks.as_ref()?;
    let fits = id_checks::id_fits(private, id, message);
    let is_carried = reply.as_ref().map(|reply| id_checks::id_is_carried(private, id, reply));
    Some(quote! {
        #(#conditions)*
        impl #private::Checked for #self_type {
            type Checked = [(); { #fits; #is_carried; 0 }];
        }
    })
}
