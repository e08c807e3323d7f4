//! Where the expansions find the runtime crate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// The path to what the expansions name: of `ignitia`, or of the crate that `crate = ..` says.
pub(crate) fn private(crate_path: Option<&Path>) -> TokenStream {
    match crate_path {
        Some(path) => quote!(#path::__private),
        None => quote!(::ignitia::__private),
    }
}
