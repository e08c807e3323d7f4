//! What endpoints with typed messages have in common.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use crate::{
    hygiene::{ident_at, located_at},
    websocket::model::Policy,
};

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
            if_messages(private, &answer)
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
            if_messages(private, &answer)
        }
        None => quote_spanned!(output=> #there::Answer::of_raw::<#there::AnyMessage, _>(#ended)),
    }
}

/// Something that is done with a session's replies, if they are messages: that they are is said once, in `dispatch`.
pub(super) fn if_messages(private: &TokenStream, done: &TokenStream) -> TokenStream {
    quote! {{
        #[allow(unused_imports, reason = "they are messages")]
        use #private::NoReplies as _;
        #done
    }}
}

/// The type that all replies are made of.
pub(super) fn reply_type(private: &TokenStream, reply: Option<&Type>) -> TokenStream {
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
