//! What an endpoint is, once nothing is wrong with it.

use proc_macro2::TokenStream;
use syn::{Attribute, Generics, Ident, Signature, Type, Visibility};

use crate::path_template::PathTemplate;

/// Everything that `emit` needs, decided.
pub(super) struct Endpoint {
    pub(super) private: TokenStream,
    pub(super) path: PathTemplate,
    pub(super) docs: Vec<Attribute>,
    /// `#[cfg]`s: they are on everything that is made.
    pub(super) conditions: Vec<Attribute>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// All arguments before the connection.
    pub(super) arguments: Vec<Argument>,
    pub(super) connection: Connection,
    pub(super) output: Type,
    pub(super) signature: Signature,
    pub(super) body: TokenStream,
}

pub(super) struct Argument {
    /// The name that the documentation shows.
    pub(super) name: Ident,
    /// The name in our own code.
    pub(super) value: Ident,
    pub(super) ty: Type,
    pub(super) source: Source,
}

/// Where an argument comes from.
pub(super) enum Source {
    Parameter(String),
    Extractor,
}

pub(super) struct Connection {
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// What stands for an endpoint that has faults: the names that the rest of the program knows it by.
pub(super) struct Stub {
    pub(super) private: TokenStream,
    pub(super) conditions: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) types: Vec<Type>,
    /// In an `impl` block or a trait there can be no items beside it.
    pub(super) stands_alone: bool,
    pub(super) path: Option<PathTemplate>,
    /// The item as it was written, for editors.
    pub(super) original: Option<TokenStream>,
}
