//! Collects the errors of an input, so that one error does not hide the others.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// Errors of an input, in the order of its source text.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    all: Vec<Error>,
    /// True while the expansion itself contains the first error.
    is_first_placed: bool,
}

impl Errors {
    /// Adds an error at a span.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    /// Adds an error that covers all of the tokens.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.all.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Returns the first error, for the expansion to contain. Where it stands in for a type, rustc
    /// treats the type as an error that is already reported.
    pub(crate) fn place_first(&mut self) -> Option<TokenStream> {
        self.is_first_placed = true;
        self.all.first().map(Error::to_compile_error)
    }

    /// Iterates over the errors that the expansion does not contain.
    pub(crate) fn unplaced(&self) -> impl Iterator<Item = TokenStream> {
        self.all.iter().skip(usize::from(self.is_first_placed)).map(Error::to_compile_error)
    }

    pub(crate) fn into_vec(self) -> Vec<Error> {
        self.all
    }
}
