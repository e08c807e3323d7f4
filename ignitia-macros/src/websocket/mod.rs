//! `#[websocket("/path")]`, in stages: what is there (`parse`), what is wrong with it (`validate`), what it means
//! (`lower`, `model`), what becomes of it (`emit`).

mod emit;
mod lower;
mod model;
mod parse;
mod validate;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::Error;

use crate::diagnostics::Errors;

/// The expansion, and all that is wrong with the input. There is always an expansion with the function's name in it,
/// so that one mistake does not become two.
pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> (TokenStream, Vec<Error>) {
    let mut errors = Errors::default();
    let attribute = parse::attribute(attribute, &mut errors);
    let function = match parse::function(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            return (item, errors.into_vec());
        }
    };
    validate::function(&function, attribute.path.as_ref(), &mut errors);
    let expansion = if errors.is_empty() {
        emit::endpoint(&lower::endpoint(&attribute, function))
    } else {
        emit::stub(&lower::stub(&attribute, &function))
    };
    (expansion, errors.into_vec())
}
