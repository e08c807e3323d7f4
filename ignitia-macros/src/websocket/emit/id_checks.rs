//! Emits the compile-time checks of the id's name.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{LitStr, Type, spanned::Spanned};

use super::answer::if_messages;
use crate::hygiene::located_at;

/// Emits the check that the messages have room for the id.
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

/// Emits the check that the replies of a function have no field with the id's name.
pub(super) fn id_is_free(private: &TokenStream, id: &LitStr, reply: &Type) -> TokenStream {
    let there = located_at(private, id.span());
    let is_new = quote_spanned!(id.span()=> #there::id_is_new(#id, #there::FieldsOf::<#reply>::NAMES));
    if_messages(private, &is_new)
}

/// Emits the check that a session's replies have room for the id.
pub(super) fn id_is_carried(private: &TokenStream, id: &LitStr, reply: &Type) -> TokenStream {
    let (there, at_id) = (located_at(private, reply.span()), located_at(private, id.span()));
    let carry = quote_spanned!(reply.span()=> #there::Replies::<#reply>::carry_an_id);
    let is_new = quote_spanned!(id.span()=> #at_id::id_is_new(#id, #at_id::Replies::<#reply>::NAMES));
    if_messages(private, &quote!(let _: fn() = #carry; #is_new))
}
