//! Emits the hooks of a session, except for the methods with `#[on(..)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{
    answer::{answer_of_call, raw_answer},
    names::SESSION,
};
use crate::{
    hygiene::{ident, ident_at, located_at},
    websocket::model::{Hook, OnOpen, Session},
};

/// Emits the methods of the runtime's trait that call the hooks.
pub(super) fn hooks(session: &Session) -> TokenStream {
    let open = open(session);
    let raw = session.on_raw.as_ref().map(|hook| raw(session, hook));
    let binary = session.on_binary.as_ref().map(|hook| binary(session, hook));
    let clocks = (!session.clocks.is_empty()).then(|| clocks(session));
    let event = session.on_event.as_ref().map(|hook| event(session, hook));
    let close = close(session);
    quote!(#open #raw #binary #clocks #event #close)
}

fn open(session: &Session) -> TokenStream {
    let (this, ws, inbox) = (ident(SESSION), ident("__ws"), ident("__inbox"));
    // Without a hook the span is that of the type's name, where rustc reports a future that is not
    // `Send`.
    let here = session.on_open.as_ref().map_or(session.self_type.span(), |hook| hook.name);
    let there = located_at(&session.private, here);
    let answer = match &session.on_open {
        Some(OnOpen { events, connection, output, .. }) => {
            let events = events.as_ref().zip(session.on_event.as_ref()).map(|(ty, hook)| {
                let (private, event) = (located_at(&session.private, ty.span()), &hook.argument);
                quote_spanned!(ty.span()=> #private::events::<#event>(#inbox),)
            });
            answer(session, &quote!(Self::on_open(#this, #events #connection)), *output)
        }
        None => quote!(<#there::Answer as ::core::default::Default>::default()),
    };
    quote_spanned! {here=>
        async fn open(
            &mut self,
            #inbox: ::core::option::Option<&mut #there::Inbox>,
            #ws: &#there::WebSocketConnection,
        ) -> #there::Answer {
            let #this = self;
            #answer
        }
    }
}

fn raw(session: &Session, hook: &Hook) -> TokenStream {
    let (this, ws, output) = (ident(SESSION), ident("__ws"), hook.output);
    let here = hook.name.span();
    let private = located_at(&session.private, here);
    let text = ident_at("__text", hook.argument.span());
    let connection = &hook.connection;
    let ended = ident_at("__ended", output);
    let answer = raw_answer(&session.private, session.reply.as_ref(), &ended, output);
    quote_spanned! {here=>
        async fn raw(
            &mut self,
            #text: &::core::primitive::str,
            #ws: &#private::WebSocketConnection,
        ) -> ::core::option::Option<#private::Answer> {
            let #this = self;
            let #ended = Self::on_raw(#this, #text, #connection).await;
            #answer
        }
    }
}

fn binary(session: &Session, hook: &Hook) -> TokenStream {
    let (this, ws) = (ident(SESSION), ident("__ws"));
    let here = hook.name.span();
    let private = located_at(&session.private, here);
    let bytes = ident_at("__bytes", hook.argument.span());
    let (ty, there) = (&hook.argument, located_at(&session.private, hook.argument.span()));
    let into = quote_spanned!(ty.span()=> <#ty as #there::FromBinary>::from_binary(#bytes));
    let connection = &hook.connection;
    let answer = answer(session, &quote!(Self::on_binary(#this, #into, #connection)), hook.output);
    quote_spanned! {here=>
        async fn binary(
            &mut self,
            #bytes: #private::Binary,
            #ws: &#private::WebSocketConnection,
        ) -> #private::Answer {
            let #this = self;
            #answer
        }
    }
}

/// Emits the periods of the clocks, and the calls of their methods.
fn clocks(session: &Session) -> TokenStream {
    let (this, ws, clock) = (ident(SESSION), ident("__ws"), ident("__clock"));
    let private = &session.private;
    let (periods, count) = (session.clocks.iter().map(|clock| &clock.period), session.clocks.len());
    let all = ident("__periods");
    let arms = session.clocks.iter().enumerate().map(|(index, clock)| {
        let method = &clock.method;
        let connection = &clock.connection;
        let call = quote_spanned!(method.span()=> Self::#method(#this, #connection));
        let answer = answer(session, &call, clock.output);
        quote!(#index => { #answer })
    });
    let here = session.clocks.first().map_or_else(Span::call_site, |clock| clock.method.span());
    let there = located_at(private, here);
    let tick = quote_spanned! {here=>
        async fn tick(
            &mut self,
            #clock: ::core::primitive::usize,
            #ws: &#there::WebSocketConnection,
        ) -> #there::Answer {
            let #this = self;
            match #clock {
                #(#arms)*
                _ => <#there::Answer as ::core::default::Default>::default(),
            }
        }
    };
    quote! {
        fn clocks() -> ::std::vec::Vec<::core::time::Duration> {
            let #all: [::core::time::Duration; #count] = [#(#periods),*];
            ::core::convert::From::from(#all)
        }

        #tick
    }
}

fn event(session: &Session, hook: &Hook) -> TokenStream {
    let (this, ws, inbox) = (ident(SESSION), ident("__ws"), ident("__inbox"));
    let here = hook.name.span();
    let private = located_at(&session.private, here);
    let ty = &hook.argument;
    let event = ident_at("__event", ty.span());
    let connection = &hook.connection;
    let answer = answer(session, &quote!(Self::on_event(#this, #event, #connection)), hook.output);
    quote_spanned! {here=>
        async fn event(
            &mut self,
            #inbox: &mut #private::Inbox,
            #ws: &#private::WebSocketConnection,
        ) -> #private::Answer {
            let #this = self;
            match #inbox.take::<#ty>() {
                ::core::option::Option::Some(#event) => { #answer }
                ::core::option::Option::None => <#private::Answer as ::core::default::Default>::default(),
            }
        }
    }
}

fn close(session: &Session) -> TokenStream {
    let (this, ws, why) = (ident(SESSION), ident("__ws"), ident("__why"));
    let here = session.on_close.as_ref().map_or(session.self_type.span(), |hook| hook.name);
    let private = located_at(&session.private, here);
    let call = session.on_close.as_ref().map(|on_close| {
        let cause = on_close.cause.map(|there| ident_at("__why", there));
        let cause = cause.iter().map(ToTokens::to_token_stream);
        let arguments = cause.chain(on_close.connection.clone());
        quote!(Self::on_close(#this, #(#arguments),*).await)
    });
    quote_spanned! {here=>
        async fn close(self, #why: #private::CloseCause, #ws: &#private::WebSocketConnection) {
            let #this = self;
            #call
        }
    }
}

/// Emits the answer from the call of a hook. It answers no request, so it has no id.
fn answer(session: &Session, call: &TokenStream, output: Span) -> TokenStream {
    let none = quote!(::core::option::Option::None);
    answer_of_call(&session.private, session.reply.as_ref(), call, &none, false, output)
}
