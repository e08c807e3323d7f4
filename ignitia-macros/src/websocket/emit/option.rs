//! Emits an `Option`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// Emits an `Option` by its full path.
pub(super) fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
