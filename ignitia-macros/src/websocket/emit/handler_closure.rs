//! Emits the closure that runs the annotated function of a connection.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, spanned::Spanned};

use super::{
    answer::{self, raw_answer},
    names::Names,
    policy,
};
use crate::{
    hygiene::{ident, ident_at, last_span, located_at},
    websocket::model::{Endpoint, MessageFunction, TrailingArgument},
};

/// Emits a closure that calls the function once, with the connection. The returned value is the
/// outcome of the session.
pub(super) fn connection_closure(endpoint: &Endpoint, connection: &TrailingArgument) -> TokenStream {
    let Endpoint { private, name, generics, arguments, output, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let ws = ident("__ws");
    let values = arguments.iter().map(|argument| &argument.value);
    let connection = &connection.ty;
    let there = located_at(private, connection.span());
    let given = ident_at("__ws", connection.span());
    // The call covers the same source text as the type, because rustc merges errors that repeat at
    // one place.
    let (first, last) = (connection.span(), last_span(connection));
    let from_connection = quote_spanned!(last=> from_connection(#given));
    let wrapped = quote_spanned!(first=> <#connection as #there::Connection>::#from_connection);
    // The variables have the span of the return type: rustc points at the argument of the call.
    let (ended, outcomes) = (ident_at("__ended", output.span()), ident_at("__outcomes", output.span()));
    let response = quote_spanned!(ended.span()=> #outcomes.response(#ended));
    quote! {
        move |#ws| async move {
            let (#ws, #outcomes) = #wrapped;
            let #ended = #name #turbofish (#(#values,)* #ws).await;
            #response
        }
    }
}

/// Emits a closure that calls the function for each message, with clones of the extracted values.
/// The returned value is the reply.
pub(super) fn message_closure(endpoint: &Endpoint, kind: &MessageFunction) -> TokenStream {
    let MessageFunction { reply_to, connection, message, policy, .. } = kind;
    let Endpoint { private, name, generics, arguments, output, .. } = endpoint;
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let Names { ws, message: received, .. } = Names::new();
    let values: Vec<_> = arguments.iter().map(|argument| &argument.value).collect();
    let again = arguments.iter().map(|argument| {
        let there = located_at(private, argument.ty.span());
        let ty = &argument.ty;
        quote_spanned!(ty.span()=> #there::clone_argument::<#ty>)
    });
    let handle = connection.as_ref().map(|connection| {
        let ty = &connection.ty;
        quote_spanned! {ty.span()=>
            <#ty as #private::Connection>::from_connection(::core::clone::Clone::clone(#ws)).0,
        }
    });
    let asked = ident("__asked");
    let later = reply_to.as_ref().map(|reply_to| {
        let (ty, id) = (&reply_to.ty, &policy.id);
        quote_spanned!(ty.span()=> <#ty>::new(#id, #asked.map(|asked| asked.1)),)
    });
    let message = &message.ty;
    let there = located_at(private, message.span());
    let decode = quote_spanned!(message.span()=> <#message as #there::OwnedMessage>::decode);
    let call = quote!(#name #turbofish (#(#values,)* #later #handle #received));
    let ended = ident_at("__ended", output.span());
    let answer = answer::answer(private, None, &ended, &quote!(#asked), policy.id.is_some(), output.span());
    let policy = policy::policy(private, policy);
    let other = other_input(private, kind);
    quote! {
        move |#ws| #private::each_message(#ws, #policy, #decode, move |
            #ws: &#private::WebSocketConnection, #received: #message, #asked: #private::ReplyId<'_>
        | {
            let _ = (#ws, #asked);
            #(let #values = #again(&#values);)*
            #call
        }, |#ended, #asked| #answer, #other)
    }
}

/// Emits the handling of raw text and binary messages.
fn other_input(private: &TokenStream, kind: &MessageFunction) -> TokenStream {
    let MessageFunction { on_raw, on_binary, .. } = kind;
    if on_raw.is_none() && on_binary.is_none() {
        return quote!(#private::NoOtherInput);
    }
    let (ws, given, other) = (ident("__ws"), ident("__given"), ident("__Other"));
    // The whole call has the span of the function's path, where rustc reports a mismatch.
    let call = |function: &Path, given: &TokenStream| {
        let there = located_at(private, function.span());
        let ws = ident_at("__ws", function.span());
        let call = quote_spanned!(function.span()=> #function(#given, #there::HookInput::from_value(#ws)));
        // This token is not part of the user's code, or rustc would suggest to remove it there.
        let awaited = quote_spanned!(Span::mixed_site().located_at(function.span())=> .await);
        quote!(#call #awaited)
    };
    let raw = on_raw.as_ref().map(|function| {
        let ended = ident_at("__ended", function.span());
        let there = located_at(private, function.span());
        let borrowed = ident_at("__given", function.span());
        let input = quote_spanned!(function.span()=> #there::HookInput::from_value(#borrowed));
        let call = call(function, &input);
        let answer = raw_answer(private, None, &ended, function.span());
        quote! {
            async fn raw(
                #given: &::core::primitive::str, #ws: &#private::WebSocketConnection
            ) -> ::core::option::Option<#private::Answer> {
                let #ended = #call;
                #answer
            }
        }
    });
    let binary = on_binary.as_ref().map(|function| {
        let none = quote!(::core::option::Option::None);
        let there = located_at(private, function.span());
        let borrowed = ident_at("__given", function.span());
        let input = quote_spanned!(function.span()=> #there::FromBinary::from_binary(#borrowed));
        let call = call(function, &input);
        let ended = ident_at("__ended", function.span());
        let answer = answer::answer(private, None, &ended, &none, false, function.span());
        quote! {
            async fn binary(
                #given: #private::Binary, #ws: &#private::WebSocketConnection
            ) -> #private::Answer {
                let #ended = #call;
                #answer
            }
        }
    });
    quote!({ struct #other; impl #private::OtherInput for #other { #raw #binary } #other })
}
