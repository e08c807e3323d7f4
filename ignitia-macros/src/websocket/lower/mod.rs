//! From syntax without faults to decisions.

mod arguments;
mod function;
mod session;

use proc_macro2::TokenStream;
use quote::quote;

pub(super) use self::{
    arguments::{bound_names, own_name, typed},
    function::{endpoint, stub},
    session::{session, session_stub},
};
use super::{
    model::Policy,
    parse::{Attributes, OnMalformed},
};

/// What the options say about messages.
fn policy(attributes: &Attributes) -> Policy {
    let on_malformed: TokenStream = match attributes.on_malformed.as_ref().map(|option| option.value) {
        Some(OnMalformed::Reply) | None => quote!(Reply),
        Some(OnMalformed::Close) => quote!(Close),
        Some(OnMalformed::Ignore) => quote!(Ignore),
    };
    Policy { on_malformed, id: attributes.id.as_ref().map(|option| option.value.clone()) }
}
