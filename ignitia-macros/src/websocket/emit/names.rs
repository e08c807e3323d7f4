//! Names of variables in the emitted code.

use syn::Ident;

use crate::hygiene::ident;

/// Name of `self` in a hook. The keyword has another hygiene where a `macro_rules!` wrote a part of
/// the block.
pub(super) const SESSION: &str = "__session";

/// Names of the variables in `dispatch`.
pub(super) struct Names {
    pub(super) ws: Ident,
    pub(super) message: Ident,
    pub(super) id: Ident,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { ws: ident("__ws"), message: ident("__message"), id: ident("__id") }
    }
}
