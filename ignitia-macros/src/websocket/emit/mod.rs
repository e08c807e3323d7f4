//! What becomes of an input.

mod endpoint;
mod message;
mod reflection;
mod request;
mod session;
mod stub;

use proc_macro2::Span;
use syn::Ident;

pub(super) use self::{
    endpoint::endpoint,
    session::session,
    stub::{function_stub, session_stub},
};

/// A name of ours, which no name of the user's can meet.
fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
