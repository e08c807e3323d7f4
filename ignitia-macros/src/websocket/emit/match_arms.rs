//! Emits the `match` of a session over its messages.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Pat, ext::IdentExt, spanned::Spanned};

use super::{
    answer,
    names::{Names, SESSION},
};
use crate::{
    hygiene::{ident, ident_at, located_at},
    tokens::has_ident,
    websocket::model::{Handler, HandlerArgument, Session},
};

/// Name of the alias for the enum of messages in `dispatch`.
const ALIAS: &str = "__Message";

/// Emits the alias, and the type that `dispatch` names. rustc reports an unresolved enum at the
/// alias only. An import would be ambiguous for an enum with the name of a prelude item.
pub(super) fn enum_alias(session: &Session) -> (Option<TokenStream>, TokenStream) {
    let Session { message, has_generics, .. } = session;
    if *has_generics {
        return (None, quote!(#message));
    }
    let alias = Ident::new(ALIAS, message.span());
    (Some(quote!(type #alias = #message;)), quote!(#alias))
}

/// Emits the check that every variant has a method, with an error in terms of sessions. It is left
/// out if the message depends on the block's parameters. In that case, and for an enum without the
/// derive, rustc reports the incomplete `match` itself.
pub(super) fn completeness(session: &Session, message: &TokenStream) -> Option<TokenStream> {
    let Session { private, handlers, depends_on_parameters, .. } = session;
    if handlers.iter().any(|handler| handler.is_wildcard) {
        return None;
    }
    let names = handlers.iter().map(|Handler { conditions, variant, .. }| {
        let name = variant.unraw().to_string();
        quote!(#(#conditions)* #name)
    });
    let here = session.message.span();
    let there = located_at(private, here);
    let checked = quote_spanned! {here=>
        #there::all_are_handled(#there::VariantsOf::<#message>::VARIANTS, &[#(#names),*])
    };
    (!depends_on_parameters).then(|| checks(private, &checked))
}

/// Emits a check as the length of an array: see `all_are_handled`.
fn checks(private: &TokenStream, checked: &TokenStream) -> TokenStream {
    quote! {
        let _: [(); {
            #[allow(unused_imports, reason = "messages have variants of their own")]
            use #private::NoVariants as _;
            #checked
        }] = [];
    }
}

/// Emits the enum's name for patterns, and one arm for each handler. The last arm begins in
/// generated code, and the arm before it is entirely at a span of the user's. Otherwise rustc would
/// suggest, for an incomplete pattern, to add an arm behind it.
pub(super) fn arms(session: &Session, message: &TokenStream) -> (Option<TokenStream>, Vec<TokenStream>) {
    let Session { handlers, .. } = session;
    let (declared, the_enum) = enum_in_patterns(session);
    // The wildcard comes last, wherever the method stands.
    let (rest, named): (Vec<&Handler>, Vec<&Handler>) =
        handlers.iter().partition(|handler| handler.is_wildcard);
    let last = handlers.len() - 1;
    let arm = |(index, handler): (usize, &Handler)| {
        let Handler { conditions, variant, is_wildcard, .. } = handler;
        // The name has the span and the hygiene of the variant, so that rustc's suggestions fit
        // into the attribute.
        let the_enum = located_at(&the_enum, variant.span());
        let the_enum = (!is_wildcard).then(|| quote!(#the_enum::));
        let (pattern, named) = pattern(session, handler, message);
        let answer = reply(session, handler);
        let (before, vert) = match index == last {
            true => (
                Some(quote_spanned!(variant.span()=> _ if false => ::core::unreachable!(),)),
                Some(quote!(|)),
            ),
            false => (None, None),
        };
        quote!(#before #(#conditions)* #vert #the_enum #pattern => { #named #answer })
    };
    (declared, named.into_iter().chain(rest).enumerate().map(arm).collect())
}

/// Returns the enum's path for patterns. The alias has the enum's own name, because rustc shows it,
/// unless a pattern contains that name.
fn enum_in_patterns(session: &Session) -> (Option<TokenStream>, TokenStream) {
    let Session { message, enum_path, has_generics, handlers, .. } = session;
    if *has_generics {
        return (None, quote!(#enum_path));
    }
    let alias = Ident::new(ALIAS, message.span());
    let own = enum_path.segments.last().map(|last| Ident::new(&last.ident.to_string(), message.span()));
    let is_free = |name: &Ident| {
        let is_own = |word: &Ident| word == name;
        *name != "Self"
            && !handlers.iter().any(|handler| has_ident(handler.pattern.to_token_stream(), &is_own))
    };
    match own.filter(is_free) {
        Some(name) => (Some(quote!(#[allow(non_camel_case_types)] type #name = #alias;)), quote!(#name)),
        None => (None, quote!(#alias)),
    }
}

/// Emits the pattern, and the check that it names all fields. Where there is such a check, the
/// pattern ends in `..` to keep rustc from reporting the same.
fn pattern(
    session: &Session,
    handler: &Handler,
    message: &TokenStream,
) -> (TokenStream, Option<TokenStream>) {
    let Session { private, depends_on_parameters, .. } = session;
    let Handler { variant, pattern, .. } = handler;
    match pattern {
        Pat::Struct(fields) if fields.rest.is_none() && !depends_on_parameters => {
            let names = fields.fields.iter().map(|field| {
                let (conditions, name) = (&field.attrs, field.member.to_token_stream());
                let name = syn::parse2::<Ident>(name.clone())
                    .map_or(name.to_string(), |name| name.unraw().to_string());
                quote!(#(#conditions)* #name)
            });
            let (here, name) = (pattern.span(), variant.unraw().to_string());
            let there = located_at(private, here);
            let checked = quote_spanned! {here=>
                #there::names_all_fields(#there::VariantsOf::<#message>::VARIANTS, #name, &[#(#names),*])
            };
            let mut with_rest = fields.clone();
            with_rest.rest = Some(syn::PatRest { attrs: Vec::new(), dot2_token: Default::default() });
            (quote!(#with_rest), Some(checks(private, &checked)))
        }
        pattern => (quote!(#pattern), None),
    }
}

/// Emits the call of a method, and the answer from the value it returns.
fn reply(session: &Session, handler: &Handler) -> TokenStream {
    let Session { private, reply, policy, .. } = session;
    let Handler { method, arguments, connection, output, .. } = handler;
    let Names { id, .. } = Names::new();
    let this = ident(SESSION);
    // Generated names at spans of the user's code: rustc would write its suggestions for an
    // argument into the signature.
    let name = |(index, argument): (usize, &HandlerArgument)| match argument {
        HandlerArgument::Field { name, .. } => ident_at(&format!("__argument_{index}"), name.span()),
        HandlerArgument::ReplyTo(there) => ident_at("__request", *there),
    };
    let names: Vec<Ident> = arguments.iter().enumerate().map(name).collect();
    let values = arguments.iter().map(|argument| match argument {
        HandlerArgument::Field { name, .. } => quote!(#name),
        HandlerArgument::ReplyTo(there) => {
            let private = located_at(private, *there);
            let name = &policy.id;
            let replies = answer::reply_type(&private, reply.as_ref());
            quote_spanned!(*there=> #private::ReplyTo::<#replies>::new(#name, #id.as_ref()))
        }
    });
    let taken = arguments.iter().zip(&names).map(|(argument, name)| match argument {
        HandlerArgument::Field { exact: Some(there), .. } => {
            let private = located_at(private, *there);
            let name = ident_at(&name.to_string(), *there);
            quote_spanned!(*there=> #private::FieldArgument::from_field(#name))
        }
        HandlerArgument::Field { .. } | HandlerArgument::ReplyTo(_) => quote!(#name),
    });
    let taken = taken.chain(connection.clone());
    let here = Span::mixed_site().located_at(method.span());
    let call = quote_spanned!(here=> Self::#method(#this, #(#taken),*));
    let call = quote!({ #(let #names = #values;)* #call });
    let asked = answer::asked(policy, &id);
    let carries_id = policy.id.is_some() && reply.is_none();
    answer::answer_of_call(private, reply.as_ref(), &call, &asked, carries_id, *output)
}
