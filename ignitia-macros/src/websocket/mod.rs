//! Expands `#[websocket("/path")]`.
//!
//! The stages run in one direction: `parse` reads the syntax, `validate` reports errors, `lower`
//! builds the `model`, and `emit` writes the expansion. `syntax` has the helpers that several
//! stages share.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use self::{
    cfg_split::CfgSplit,
    parse::{AnnotatedItem, EndpointOptions, Function, SessionBlock, SessionItem},
};
use crate::{errors::Errors, late_error, runtime_crate};

mod cfg_split;
mod emit;
mod lower;
mod model;
mod parse;
mod syntax;
mod validate;

#[cfg(test)]
mod tests;

/// Expands the attribute, and returns the expansion with all errors of the input. The expansion
/// always contains the item's name, so that one mistake is one error.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> (TokenStream, Errors) {
    let mut errors = Errors::default();
    if let Some(split) = cfg_split::split(&item) {
        return (expand_both(&attribute, &split), errors);
    }
    let options = parse::options(attribute, &mut errors);
    let expansion = match parse::item(item.clone()) {
        Ok(AnnotatedItem::Function(function)) => expand_function(&options, function, &mut errors),
        Ok(AnnotatedItem::Session(session)) => expand_session(&options, session, &mut errors),
        Ok(AnnotatedItem::UnparsableFunction(function)) => {
            let (placeholder, late_error) =
                (lower::unparsable_function(&options, &function), late_error::of(&function.error));
            emit::unparsable_placeholder(&placeholder, &late_error)
        }
        Ok(AnnotatedItem::MisplacedType(misplaced)) => {
            errors.push(misplaced.error.clone());
            emit::session_placeholder(&lower::misplaced_type(&options, misplaced), None)
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    (expansion, errors)
}

/// Emits the item with an argument and without it. Each has the attribute, which rustc expands only
/// where the condition holds.
fn expand_both(attribute: &TokenStream, split: &CfgSplit) -> TokenStream {
    let CfgSplit { condition, with, without } = split;
    let options = parse::options(attribute.clone(), &mut Errors::default());
    let private = runtime_crate::private_module(options.crate_path.as_ref());
    quote! {
        #[cfg(#condition)]
        #[#private::websocket(#attribute)]
        #with

        #[cfg(not(#condition))]
        #[#private::websocket(#attribute)]
        #without
    }
}

/// Expands the attribute on a function.
fn expand_function(options: &EndpointOptions, function: Function, errors: &mut Errors) -> TokenStream {
    if runtime_crate::is_missing(options.crate_path.as_ref()) {
        return emit::function_without_runtime(&lower::function_placeholder(options, &function));
    }
    validate::function(&function, options, errors);
    match errors.place_first() {
        None => emit::endpoint(lower::endpoint(options, function)),
        Some(error) => emit::function_placeholder(&lower::function_placeholder(options, &function), &error),
    }
}

/// Expands the attribute on the `impl` block of a session.
fn expand_session(options: &EndpointOptions, mut session: SessionBlock, errors: &mut Errors) -> TokenStream {
    for item in &mut session.items {
        if let SessionItem::Method(method) = item {
            method.take_attributes(errors);
            method.take_alias();
        }
    }
    if runtime_crate::is_missing(options.crate_path.as_ref()) {
        return emit::session_without_runtime(&lower::session_placeholder(options, &session));
    }
    let unconstrained =
        session.unconstrained().map(|parameter| Error::new_spanned(parameter, "is in no type"));
    let late_error = session.parse_error.clone().or(unconstrained).as_ref().map(late_error::of);
    if late_error.is_none() {
        validate::session(&session, options, errors);
    }
    if late_error.is_none() && errors.is_empty() {
        return emit::session(lower::session(options, &session));
    }
    let placeholder = emit::session_placeholder(
        &lower::session_placeholder(options, &session),
        errors.place_first().as_ref(),
    );
    quote!(#placeholder #late_error)
}
