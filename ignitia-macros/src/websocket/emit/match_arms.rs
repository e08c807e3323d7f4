//! The `match` of a session over its messages.

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

/// What the enum of messages is called in a dispatcher, if an alias can stand for it.
const ALIAS: &str = "__Message";

/// An enum that cannot be found is reported at its alias, and not wherever it is used. It is no import: an enum that is
/// named like something in a prelude would be ambiguous there.
pub(super) fn enum_alias(session: &Session) -> (Option<TokenStream>, TokenStream) {
    let Session { message, has_generics, .. } = session;
    if *has_generics {
        return (None, quote!(#message));
    }
    let alias = Ident::new(ALIAS, message.span());
    (Some(quote!(type #alias = #message;)), quote!(#alias))
}

/// That every variant has a method, in the words of a session. What depends on the block's parameters cannot be asked; there,
/// and for an enum without our derive, the `match` says it.
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

/// What holds if it is a length: see `all_are_handled`.
fn checks(private: &TokenStream, checked: &TokenStream) -> TokenStream {
    quote! {
        let _: [(); {
            #[allow(unused_imports, reason = "messages have variants of their own")]
            use #private::NoVariants as _;
            #checked
        }] = [];
    }
}

/// One arm for each handler, and how the enum is called in them. The last one begins in our code, and stands behind one that is
/// all at a place of the user's: where a pattern leaves something out, rustc would propose to write an arm behind it otherwise.
pub(super) fn arms(session: &Session, message: &TokenStream) -> (Option<TokenStream>, Vec<TokenStream>) {
    let Session { handlers, .. } = session;
    let (declared, the_enum) = enum_in_patterns(session);
    // What is for the rest comes behind all others, wherever it stands.
    let (rest, named): (Vec<&Handler>, Vec<&Handler>) =
        handlers.iter().partition(|handler| handler.is_wildcard);
    let last = handlers.len() - 1;
    let arm = |(index, handler): (usize, &Handler)| {
        let Handler { conditions, variant, is_wildcard, .. } = handler;
        // It has the place and the hygiene of the variant: what rustc proposes can then be written there.
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

/// The enum's path in a pattern. An alias has the enum's own name, since rustc shows it, unless that is said in a pattern already.
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

/// The pattern, and that it names all fields, where rustc is not to say so.
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

/// The call of a method, and the answer that is made of what it returns.
fn reply(session: &Session, handler: &Handler) -> TokenStream {
    let Session { private, reply, policy, .. } = session;
    let Handler { method, arguments, connection, output, .. } = handler;
    let Names { id, .. } = Names::new();
    let this = ident(SESSION);
    // Names of ours, at the places of the user's: what rustc proposes for an argument would be written into the signature.
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
            quote_spanned!(*there=> #private::Given::given(#name))
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
