//! Lowers the options that are about messages.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Type};

use crate::websocket::{
    model::{IdChecks, Policy},
    parse::{EndpointOptions, OnMalformed},
};

/// Returns the policy for messages.
pub(super) fn policy(options: &EndpointOptions, takes_binary: bool) -> Policy {
    let on_malformed: TokenStream = match options.on_malformed.as_ref().map(|option| option.value) {
        Some(OnMalformed::Reply) | None => quote!(Reply),
        Some(OnMalformed::Close) => quote!(Close),
        Some(OnMalformed::Ignore) => quote!(Ignore),
    };
    let id = options.id.as_ref().map(|option| option.value.clone());
    Policy { on_malformed, id, takes_binary }
}

/// Returns the checks of the id. There are none in a generic endpoint, because types that depend on
/// its parameters cannot be named outside of it.
pub(super) fn id_checks(
    options: &EndpointOptions,
    generics: &Generics,
    message: &Type,
    reply: Option<&Type>,
) -> Option<IdChecks> {
    let id = options.id.as_ref().filter(|_| generics.params.is_empty())?;
    Some(IdChecks { id: id.value.clone(), message: message.clone(), reply: reply.cloned() })
}
