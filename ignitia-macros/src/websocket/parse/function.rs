//! Parses the head of an annotated function.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Ident, LitStr, Result, Signature, Token, Visibility, ext::IdentExt, parse::ParseStream, token,
};

use crate::ungroup::ungroup_signature;

/// A function. Its body stays raw tokens, so that editors offer completions in unfinished code.
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
        let signature = ungroup_signature(input.parse()?);
        if !input.peek(token::Brace) && !input.peek(Token![;]) {
            return Err(input.error("a function needs a body"));
        }
        Ok(Self { attributes, visibility, signature, body: input.parse()? })
    }

    /// Returns false for a declaration in a trait or a foreign block.
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }
}

/// Returns true if the input begins with the head of a function.
pub(super) fn is_function(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    // `const fn` and the like are functions too, although invalid as endpoints.
    while fork.peek(Token![const])
        || fork.peek(Token![async])
        || fork.peek(Token![unsafe])
        || fork.peek(Token![extern])
    {
        let is_extern = fork.peek(Token![extern]);
        if fork.call(Ident::parse_any).is_err() {
            return false;
        }
        if is_extern && fork.peek(LitStr) && fork.parse::<LitStr>().is_err() {
            return false;
        }
    }
    fork.peek(Token![fn])
}
