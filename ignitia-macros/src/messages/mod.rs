//! Expands `#[derive(ClientMessage)]` and `#[derive(ServerMessage)]`.
//!
//! The stages run in one direction: `parse` reads the syntax, `validate` reports errors, `lower`
//! builds the `model`, and `emit` writes the expansion.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use self::{model::Message, side::Side};
use crate::{errors::Errors, late_error, runtime_crate};

mod crate_option;
mod emit;
mod lower;
mod model;
mod parse;
mod serde_rejection;
mod side;
mod tagging;
mod validate;
mod variant_flag;
mod wire_names;

#[cfg(test)]
mod tests;

/// Expands `#[derive(ClientMessage)]`, and returns the expansion with all errors of the item. With
/// errors the type still counts as a message, so that one mistake is one error.
pub(crate) fn expand_client(item: TokenStream) -> (TokenStream, Errors) {
    expand(item, Side::Client)
}

/// Expands `#[derive(ServerMessage)]` in the same way.
pub(crate) fn expand_server(item: TokenStream) -> (TokenStream, Errors) {
    expand(item, Side::Server)
}

fn expand(item: TokenStream, side: Side) -> (TokenStream, Errors) {
    let input = match parse::input(item.clone()) {
        Ok(input) => input,
        Err(error) => return expand_unparsable(item, side, error),
    };
    if runtime_crate::is_missing(crate_option::runtime_crate_path(&input.attributes)) {
        let (_, type_generics, _) = input.generics.split_for_impl();
        let name = &input.name;
        return (
            runtime_crate::missing_impl(&input.generics, quote!(#name #type_generics)),
            Errors::default(),
        );
    }
    let mut errors = Errors::default();
    validate::message(&input, side, &mut errors);
    let is_rejected = serde_rejection::is_rejected(&input);
    let message = match errors.is_empty() && !is_rejected {
        true => lower::message(&input, side),
        false => Message { replaces_serde_impl: is_rejected, ..lower::placeholder(&input, side) },
    };
    (emit::message(&message), errors)
}

/// Expands an item that syn cannot parse. rustc has reported the syntax error, and Serde's derives
/// repeat it.
fn expand_unparsable(item: TokenStream, side: Side, error: Error) -> (TokenStream, Errors) {
    let mut errors = Errors::default();
    let Ok(input) = parse::recover(item) else {
        errors.push(error);
        return (TokenStream::new(), errors);
    };
    let message = Message { replaces_serde_impl: true, ..lower::placeholder(&input, side) };
    let (placeholder, late_error) = (emit::message(&message), late_error::of(&error));
    (quote!(#placeholder #late_error), errors)
}
