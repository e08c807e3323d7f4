//! Items that syn cannot read. Mostly they are half typed, and rustc has said what is missing and gone on with what it could make
//! of them: nothing is said twice then.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Error;

use crate::hygiene::ident_at;

/// An error for an item that rustc can read all the same. It is a lint, and rustc comes to lints only where it has found no
/// error.
pub(crate) fn lint(error: &Error) -> TokenStream {
    let (span, text) = (error.span(), format!("Ignitia cannot read it: {error}"));
    let (ask, item) = (ident_at("__ask", span), ident_at("item_for_ignitia", span));
    quote_spanned! {span=>
        const _: () = {
            #[must_use = #text]
            fn #item() -> ::core::primitive::u8 {
                0
            }

            #[allow(dead_code)]
            #[deny(unused_must_use)]
            fn #ask() {
                #item();
            }
        };
    }
}
