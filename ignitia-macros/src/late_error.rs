//! Errors that rustc reports only if it finds no others.
//!
//! An item that syn cannot parse is usually still being typed. rustc has then reported the syntax
//! error and continues with the part that it could recover; a second error would only repeat the
//! first.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Error;

use crate::hygiene::ident_at;

/// Creates the late error for an item that syn cannot parse, but rustc may be able to.
pub(crate) fn of(error: &Error) -> TokenStream {
    new(error.span(), "unreadable_for_ignitia", &error.to_string())
}

/// Creates an error that rustc reports last: a denied lint, and rustc runs lints only after all
/// other checks.
pub(crate) fn new(span: Span, name: &str, text: &str) -> TokenStream {
    let (make, name) = (ident_at("__make", span), ident_at(name, span));
    // The lint is about an `impl Trait`. For other types rustc suggests to ignore the value, and
    // shows that suggestion in the user's code.
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
