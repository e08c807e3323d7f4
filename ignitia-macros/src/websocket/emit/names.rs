//! Names.

use syn::Ident;

use crate::hygiene::ident;

/// `self` in a hook: that word itself is another one where a `macro_rules!` wrote a part of the block.
pub(super) const SESSION: &str = "__session";

/// The names in the code of a dispatcher.
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
