//! Options.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Type};

use crate::websocket::{
    model::{IdChecks, Policy},
    parse::{EndpointOptions, OnMalformed},
};

/// What the options say about messages.
pub(super) fn policy(options: &EndpointOptions, takes_binary: bool) -> Policy {
    let on_malformed: TokenStream = match options.on_malformed.as_ref().map(|option| option.value) {
        Some(OnMalformed::Reply) | None => quote!(Reply),
        Some(OnMalformed::Close) => quote!(Close),
        Some(OnMalformed::Ignore) => quote!(Ignore),
    };
    let id = options.id.as_ref().map(|option| option.value.clone());
    Policy { on_malformed, id, takes_binary }
}

/// What is checked of the id. Types that may depend on something generic cannot be named beside the endpoint.
pub(super) fn id_checks(
    options: &EndpointOptions,
    generics: &Generics,
    message: &Type,
    reply: Option<&Type>,
) -> Option<IdChecks> {
    let id = options.id.as_ref().filter(|_| generics.params.is_empty())?;
    Some(IdChecks { id: id.value.clone(), message: message.clone(), reply: reply.cloned() })
}
