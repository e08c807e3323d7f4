//! `#[websocket("/path")]`, in stages: what is there (`parse`), what is wrong with it (`validate`), what it means
//! (`lower`, `model`), what becomes of it (`emit`).

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use self::{
    cfg_split::Split,
    parse::{Attributes, Function, Item, Session, SessionItem},
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

/// The expansion, and all that is wrong with the input. There is always an expansion with the item's name in it, so
/// that one mistake does not become two.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> (TokenStream, Errors) {
    let mut errors = Errors::default();
    if let Some(split) = cfg_split::split(&item) {
        return (either(&attribute, &split), errors);
    }
    let attributes = parse::attribute(attribute, &mut errors);
    let expansion = match parse::item(item.clone()) {
        Ok(Item::Function(function)) => of_function(&attributes, function, &mut errors),
        Ok(Item::Session(session)) => of_session(&attributes, session, &mut errors),
        Ok(Item::HalfTyped(function)) => {
            let (stub, late_error) =
                (lower::half_typed(&attributes, &function), late_error::of(&function.error));
            emit::half_typed_stub(&stub, &late_error)
        }
        Ok(Item::Type(misplaced)) => {
            errors.push(misplaced.error.clone());
            emit::session_stub(&lower::misplaced(&attributes, misplaced), None)
        }
        Err(error) => {
            errors.push(error);
            item
        }
    };
    (expansion, errors)
}

/// The item with an argument and without it, each with the attribute, which is expanded where the condition has chosen.
fn either(attribute: &TokenStream, split: &Split) -> TokenStream {
    let Split { condition, with, without } = split;
    let read = parse::attribute(attribute.clone(), &mut Errors::default());
    let private = runtime_crate::private_module(read.crate_path.as_ref());
    quote! {
        #[cfg(#condition)]
        #[#private::websocket(#attribute)]
        #with

        #[cfg(not(#condition))]
        #[#private::websocket(#attribute)]
        #without
    }
}

fn of_function(attributes: &Attributes, function: Function, errors: &mut Errors) -> TokenStream {
    if runtime_crate::is_missing(attributes.crate_path.as_ref()) {
        return emit::function_without_runtime(&lower::stub(attributes, &function));
    }
    validate::function(&function, attributes, errors);
    match errors.place_first() {
        None => emit::endpoint(lower::endpoint(attributes, function)),
        Some(error) => emit::function_stub(&lower::stub(attributes, &function), &error),
    }
}

fn of_session(attributes: &Attributes, mut session: Session, errors: &mut Errors) -> TokenStream {
    for item in &mut session.items {
        if let SessionItem::Method(method) = item {
            method.take_attributes(errors);
            method.take_alias();
        }
    }
    if runtime_crate::is_missing(attributes.crate_path.as_ref()) {
        return emit::session_without_runtime(&lower::session_stub(attributes, &session));
    }
    let unconstrained =
        session.unconstrained().map(|parameter| Error::new_spanned(parameter, "is in no type"));
    let late_error = session.half_typed.clone().or(unconstrained).as_ref().map(late_error::of);
    if late_error.is_none() {
        validate::session(&session, attributes, errors);
    }
    if late_error.is_none() && errors.is_empty() {
        return emit::session(lower::session(attributes, &session));
    }
    let stub = emit::session_stub(&lower::session_stub(attributes, &session), errors.place_first().as_ref());
    quote!(#stub #late_error)
}
