use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type, spanned::Spanned};

use super::{
    hooks::{self, SESSION},
    message::{self, Names},
    option,
    reflection::Reflection,
    request,
};
use crate::{
    hygiene::{ident, ident_at, located_at},
    websocket::model::{Given, Handler, IdChecks, Session, Source},
};

/// The block as it was written; what it tells about itself; its hooks; and its way through the handshake.
pub(in crate::websocket) fn session(session: &Session) -> TokenStream {
    let original = &session.original;
    let reflection = reflection(session);
    let hooks = implementation(session);
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

fn implementation(session: &Session) -> TokenStream {
    let Session { private, conditions, generics, self_type, message, policy, .. } = session;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (ws, text, decoded) = (ident("__ws"), ident("__text"), ident("__decoded"));
    let hooks = hooks::hooks(session);
    let has_on_close = session.on_close.is_some();
    let there = located_at(private, message.span());
    let wanted = option(policy.id.as_ref());
    let decode = quote_spanned!(message.span()=> #there::decode::<#message>(#text, #wanted));
    let policy = message::policy(private, policy);
    let (Names { id, .. }, given) = (Names::new(), ident(SESSION));
    let arms = arms(session);
    let alias = alias(session);
    // At the place where the enum is named: rustc says there which variants have no method.
    let subject = ident_at("__message", message.span());
    // At the type's name: that is where rustc shows what cannot be sent between threads.
    let here = self_type.span();
    let private_here = located_at(private, here);
    let dispatch = quote_spanned! {here=>
        async fn dispatch(
            &mut self,
            #text: &::core::primitive::str,
            #ws: &#private_here::WebSocketConnection,
        ) -> ::core::result::Result<#private_here::Answer, #private_here::Malformed> {
            #alias
            let #given = self;
            let #decoded = #decode?;
            let (#subject, #id) = (#decoded.message, #decoded.id);
            ::core::result::Result::Ok(match #subject {
                #(#arms)*
            })
        }
    };
    quote! {
        #(#conditions)*
        impl #impl_generics #private::Session for #self_type #where_clause {
            const POLICY: #private::Policy = #policy;
            const HAS_ON_CLOSE: bool = #has_on_close;

            #dispatch
            #hooks
        }
    }
}

/// One arm for each handler. The last one begins in our code, the others in the user's: where a method is missing, rustc
/// would propose to write an arm behind them otherwise.
fn arms(session: &Session) -> Vec<TokenStream> {
    // What is for the rest comes behind all others, wherever it stands.
    let (rest, named): (Vec<&Handler>, Vec<&Handler>) =
        session.handlers.iter().partition(|handler| handler.is_rest);
    let last = session.handlers.len() - 1;
    let arm = |(index, handler): (usize, &Handler)| {
        let Handler { conditions, variant, pattern, is_rest, .. } = handler;
        let the_enum = (!is_rest).then(|| the_enum(session, variant.span())).map(|path| quote!(#path::));
        let answer = reply(session, handler);
        let vert = (index == last).then(|| quote!(|));
        quote!(#(#conditions)* #vert #the_enum #pattern => { #answer })
    };
    named.into_iter().chain(rest).enumerate().map(arm).collect()
}

/// What the enum of messages is called in a dispatcher, if an alias can stand for it.
const ALIAS: &str = "__Message";

/// An enum that cannot be found is reported at its alias, and not at each of its variants. It is no import: an enum that is
/// named like something in a prelude would be ambiguous there.
fn alias(session: &Session) -> Option<TokenStream> {
    let Session { message, has_generics, .. } = session;
    let alias = Ident::new(ALIAS, message.span());
    (!has_generics).then(|| quote!(type #alias = #message;))
}

/// The enum's path in a pattern. It has the place and the hygiene of the variant: what rustc proposes can then be written
/// there.
fn the_enum(session: &Session, variant: Span) -> TokenStream {
    match session.has_generics {
        false => Ident::new(ALIAS, variant).into_token_stream(),
        true => {
            let path = &session.enum_path;
            located_at(&quote!(#path), variant)
        }
    }
}

/// The call of a method, and the answer that is made of what it returns.
fn reply(session: &Session, handler: &Handler) -> TokenStream {
    let Session { private, reply, policy, .. } = session;
    let Handler { method, arguments, connection, output, .. } = handler;
    let Names { id, .. } = Names::new();
    let given = ident(SESSION);
    let given_to = arguments.iter().map(|argument| match argument {
        Given::Field(name) => quote!(#name),
        Given::ReplyTo(there) => {
            let private = located_at(private, *there);
            let name = &policy.id;
            let replies = message::replies(&private, reply.as_ref());
            quote_spanned!(*there=> #private::ReplyTo::<#replies>::new(#name, #id.as_ref()))
        }
    });
    let arguments = given_to.chain(connection.clone());
    let call = quote_spanned!(method.span()=> Self::#method(#given, #(#arguments),*));
    let asked = message::asked(policy, &id);
    let carries_id = policy.id.is_some() && reply.is_none();
    message::answer_of_call(private, reply.as_ref(), &call, &asked, carries_id, *output)
}

fn endpoint(session: &Session) -> TokenStream {
    let Session { private, path, conditions, generics, self_type, arguments, accepted, .. } = session;
    let (state, request) = (ident("__S"), ident("__request"));
    let parameters = request::parameters(private, arguments, &request);
    let (extracted, types) = request::extracted(arguments);
    let tuple: Type = syn::parse_quote!((#(#types,)*));
    let values = arguments.iter().map(|argument| &argument.value);
    let (events, inbox) = (ident("__events"), ident("__inbox"));
    let handles =
        arguments.iter().filter(|argument| matches!(argument.source, Source::Events)).map(|argument| {
            let (value, ty) = (&argument.value, &argument.ty);
            let handle = ident_at("__handle", ty.span());
            quote!(let #handle = ::core::clone::Clone::clone(&#events); let #value: #ty = #handle;)
        });
    let queue = session.on_event.as_ref().map(|hook| {
        let given = &hook.given;
        let there = located_at(private, given.span());
        let made = quote_spanned!(given.span()=> #there::inbox::<#given>());
        quote!(let (#events, #inbox) = #made; let _ = &#events;)
    });
    let inbox = option(session.on_event.as_ref().map(|_| &inbox));
    let route = path.route();
    let there = located_at(private, *accepted);
    let outcome = ident_at("__outcome", *accepted);
    let accept = quote_spanned!(*accepted=> #there::Accepts::<Self>::accepted(#outcome));
    let mut with_state = generics.clone();
    with_state.params.push(syn::parse_quote!(#state));
    let clause = with_state.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#state: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync + 'static));
    clause.predicates.push(syn::parse_quote!(#state: #private::ExtractsHead<#tuple>));
    let (impl_generics, _, where_clause) = with_state.split_for_impl();
    let private_here = located_at(private, session.accept);
    let (state_value, accepted_session) = (ident("__state"), ident("__accepted"));
    let function = quote_spanned! {session.accept=>
        async fn accept(
            mut #request: #private_here::Request,
            #state_value: &#state,
        ) -> ::core::result::Result<(Self, ::core::option::Option<#private_here::Inbox>), #private_here::Response> {
            #(#parameters)*
            let (#(#extracted,)*) = <#state as #private_here::ExtractsHead<#tuple>>::extract_head(#state_value, #request).await?;
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

            #[allow(unused_mut, reason = "without parameters nothing is taken from the request")]
            #function
        }
    }
}

fn checks(session: &Session) -> Option<TokenStream> {
    let Session { private, conditions, id_checks, .. } = session;
    let IdChecks { id, message, reply } = id_checks.as_ref()?;
    let fits = message::id_fits(private, id, message);
    let is_carried = reply.as_ref().map(|reply| message::id_is_carried(private, id, reply));
    Some(quote!(#(#conditions)* #fits #(#conditions)* #is_carried))
}
