use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Result, Signature, Token, Visibility, parse::ParseStream, token};

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
        let signature = super::ungrouped(input.parse()?);
        if !input.peek(token::Brace) && !input.peek(Token![;]) {
            return Err(input.error("a function has a body behind its head"));
        }
        Ok(Self { attributes, visibility, signature, body: input.parse()? })
    }

    /// What is declared in a trait or a foreign block has none.
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }
}
