//! What becomes of an input.

mod endpoint;
mod handlers;
mod hooks;
mod message;
mod reflection;
mod request;
mod session;
mod stub;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(super) use self::{
    endpoint::endpoint,
    session::session,
    stub::{function_stub, function_without_runtime, half_typed_stub, session_stub, session_without_runtime},
};

/// An `Option`, written out.
fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
