//! What endpoints with typed messages have in common.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr, Type, spanned::Spanned};

use super::option;
use crate::{
    hygiene::{ident, ident_at, located_at},
    websocket::model::Policy,
};

pub(super) fn policy(private: &TokenStream, policy: &Policy) -> TokenStream {
    let Policy { on_malformed, id, takes_binary } = policy;
    let id = option(id.as_ref());
    quote!(#private::Policy { on_malformed: #private::OnMalformed::#on_malformed, id: #id, takes_binary: #takes_binary })
}

/// What a reply carries of the id, which is in `found`.
pub(super) fn asked(policy: &Policy, found: &Ident) -> TokenStream {
    match &policy.id {
        Some(id) => quote!(#found.as_ref().map(|id| (#id, id))),
        None => quote!(::core::option::Option::None),
    }
}

/// The answer to what is asked, of what was returned: `ended`, which stands at `output`, where the function says what it
/// returns. That is where rustc shows what is no reply.
pub(super) fn answer(
    private: &TokenStream,
    reply: Option<&Type>,
    ended: &Ident,
    asked: &TokenStream,
    carries_id: bool,
    output: Span,
) -> TokenStream {
    let there = located_at(private, output);
    match reply {
        Some(reply) => {
            let answer = quote_spanned!(output=> #there::Replies::<#reply>::of::<_>(#ended, #asked));
            of_messages(private, &answer)
        }
        None if carries_id => {
            // Its place is that of the whole expression, in which nothing of ours stands first.
            let ended = quote_spanned!(output=> ::core::convert::identity(#ended));
            quote_spanned!(output=> #there::Answer::with_id::<#private::AnyMessage, _>(#ended, #asked))
        }
        None => quote_spanned!(output=> #there::Answer::of::<#private::AnyMessage, _>(#ended, #asked)),
    }
}

/// The same of what `on_raw` returned.
pub(super) fn raw_answer(
    private: &TokenStream,
    reply: Option<&Type>,
    ended: &Ident,
    output: Span,
) -> TokenStream {
    let there = located_at(private, output);
    match reply {
        Some(reply) => {
            let answer = quote_spanned!(output=> #there::Replies::<#reply>::of_raw::<_>(#ended));
            of_messages(private, &answer)
        }
        None => quote_spanned!(output=> #there::Answer::of_raw::<#there::AnyMessage, _>(#ended)),
    }
}

/// Something that is done with a session's replies, if they are messages: that they are is said once, in `dispatch`.
pub(super) fn of_messages(private: &TokenStream, done: &TokenStream) -> TokenStream {
    quote! {{
        #[allow(unused_imports, reason = "they are messages")]
        use #private::NoReplies as _;
        #done
    }}
}

/// The type that all replies are made of.
pub(super) fn replies(private: &TokenStream, reply: Option<&Type>) -> TokenStream {
    match reply {
        Some(reply) => quote!(#reply),
        None => quote!(#private::AnyMessage),
    }
}

/// The same, of what a call returns.
pub(super) fn answer_of_call(
    private: &TokenStream,
    reply: Option<&Type>,
    call: &TokenStream,
    asked: &TokenStream,
    carries_id: bool,
    output: Span,
) -> TokenStream {
    let ended = ident_at("__ended", output);
    let made = answer(private, reply, &ended, asked, carries_id, output);
    quote!({ let #ended = #call.await; #made })
}

/// That the messages have room for the id.
pub(super) fn id_fits(private: &TokenStream, id: &LitStr, message: &Type) -> TokenStream {
    let there = located_at(private, id.span());
    let messages = quote_spanned!(id.span()=> #there::MessagesOf::<#message>);
    let fits = quote_spanned!(id.span()=> #there::id_fits(#id, #messages::TAGGING, #messages::FIELDS));
    quote! {{
        #[allow(unused_imports, reason = "they are messages")]
        use #private::NoMessages as _;
        #fits
    }}
}

/// That the replies of a function have no field of the id's name.
pub(super) fn id_is_free(private: &TokenStream, id: &LitStr, reply: &Type) -> TokenStream {
    let there = located_at(private, id.span());
    let is_new = quote_spanned!(id.span()=> #there::id_is_new(#id, #there::FieldsOf::<#reply>::NAMES));
    of_messages(private, &is_new)
}

/// That the message that all replies are made of has room for the id.
pub(super) fn id_is_carried(private: &TokenStream, id: &LitStr, reply: &Type) -> TokenStream {
    let (there, at_id) = (located_at(private, reply.span()), located_at(private, id.span()));
    let carry = quote_spanned!(reply.span()=> #there::Replies::<#reply>::carry_an_id);
    let is_new = quote_spanned!(id.span()=> #at_id::id_is_new(#id, #at_id::Replies::<#reply>::NAMES));
    of_messages(private, &quote!(let _: fn() = #carry; #is_new))
}

/// The names in the code of a dispatcher.
pub(super) struct Names {
    pub(super) ws: Ident,
    pub(super) message: Ident,
    pub(super) id: Ident,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { ws: ident("__ws"), message: ident("__message"), id: ident("__id") }
    }
}
