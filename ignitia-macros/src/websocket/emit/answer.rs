//! Emits the conversion of returned values to answers.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use crate::{
    hygiene::{ident_at, located_at},
    websocket::model::Policy,
};

/// Emits the id that a reply repeats. `found` is the variable that holds it.
pub(super) fn asked(policy: &Policy, found: &Ident) -> TokenStream {
    match &policy.id {
        Some(id) => quote!(#found.as_ref().map(|id| (#id, id))),
        None => quote!(::core::option::Option::None),
    }
}

/// Emits the answer to a request from `ended`, the returned value. `output` is the span of the
/// return type, where rustc reports a type that is no reply.
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
            // The span of the whole expression is that of its first token, which must not be
            // generated code.
            let ended = quote_spanned!(output=> ::core::convert::identity(#ended));
            quote_spanned!(output=> #there::Answer::with_id::<#private::AnyMessage, _>(#ended, #asked))
        }
        None => quote_spanned!(output=> #there::Answer::of::<#private::AnyMessage, _>(#ended, #asked)),
    }
}

/// Emits the answer from the value that `on_raw` returned.
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

/// Emits code about the replies that applies only if they are messages. A reply that is no message
/// is reported once, in `dispatch`.
pub(super) fn if_messages(private: &TokenStream, done: &TokenStream) -> TokenStream {
    quote! {{
        #[allow(unused_imports, reason = "they are messages")]
        use #private::NoReplies as _;
        #done
    }}
}

/// Emits the message type of all replies.
pub(super) fn reply_type(private: &TokenStream, reply: Option<&Type>) -> TokenStream {
    match reply {
        Some(reply) => quote!(#reply),
        None => quote!(#private::AnyMessage),
    }
}

/// Emits the answer from the value of a call.
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
