use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Result, Signature, Visibility, parse::ParseStream};

/// A function. Its body stays as it is: half-typed code keeps its completions.
pub(in crate::websocket) struct Function {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) visibility: Visibility,
    pub(in crate::websocket) signature: Signature,
    pub(in crate::websocket) body: TokenStream,
}

impl Function {
    pub(super) fn parse(
        attributes: Vec<Attribute>,
        visibility: Visibility,
        input: ParseStream<'_>,
    ) -> Result<Self> {
        Ok(Self { attributes, visibility, signature: super::ungrouped(input.parse()?), body: input.parse()? })
    }

    /// What is declared in a trait or a foreign block has none.
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }
}
