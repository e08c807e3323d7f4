//! Items that syn cannot read. Mostly they are half typed, and rustc has said what is missing and gone on with what it could make
//! of them: nothing is said twice then.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Error;

use crate::hygiene::ident_at;

/// What is said of an item that rustc can read all the same.
pub(crate) fn of(error: &Error) -> TokenStream {
    new(error.span(), "unreadable_for_ignitia", &error.to_string())
}

/// An error that comes only where there is no other: rustc comes to lints last.
pub(crate) fn new(span: Span, name: &str, text: &str) -> TokenStream {
    let (make, name) = (ident_at("__make", span), ident_at(name, span));
    // An implementer: of other things rustc proposes to ignore them, in the user's text.
    quote_spanned! {span=>
        #[allow(non_camel_case_types, dead_code)]
        const _: () = {
            #[must_use = #text]
            trait #name {}

            impl #name for ::core::primitive::u8 {}

            fn #make() -> impl #name {
                0_u8
            }

            #[deny(unused_must_use)]
            fn __ask() {
                #make();
            }
        };
    }
}
