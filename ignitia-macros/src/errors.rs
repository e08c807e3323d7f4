//! Errors are collected: none stops the others.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// What is wrong with an input, in the order of its text.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    all: Vec<Error>,
    /// Whether the expansion has the first of them in it.
    is_first_placed: bool,
}

impl Errors {
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(Error::new(span, message));
    }

    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.all.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The first, for the expansion to place: there rustc takes what it is used for as an error that it has reported.
    pub(crate) fn place_first(&mut self) -> Option<TokenStream> {
        self.is_first_placed = true;
        self.all.first().map(Error::to_compile_error)
    }

    /// Those that the expansion does not have.
    pub(crate) fn unplaced(&self) -> impl Iterator<Item = TokenStream> {
        self.all.iter().skip(usize::from(self.is_first_placed)).map(Error::to_compile_error)
    }

    pub(crate) fn into_vec(self) -> Vec<Error> {
        self.all
    }
}
