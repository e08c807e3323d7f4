//! Expands `#[on(..)]` and `#[every(..)]` without an enclosing `#[websocket]`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::late_error;

/// Returns the method as it is, with a late error. The type is no session, and mounting it is an
/// error already; otherwise the late error says that the method is never called.
pub(crate) fn expand(name: &str, item: TokenStream) -> TokenStream {
    let text = format!(
        "`#[{name}(..)]` belongs to a method of a session: write `#[websocket(\"/path\", message = ClientMsg)]` in front of the \
         `impl` block"
    );
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut()
        && body.delimiter() == Delimiter::Brace
    {
        let (late_error, inside) =
            (late_error::new(body.span(), &format!("{name}_without_websocket"), &text), body.stream());
        let mut with_lint = Group::new(Delimiter::Brace, quote!(#late_error #inside));
        with_lint.set_span(body.span());
        *body = with_lint;
    }
    tokens.iter().map(ToTokens::to_token_stream).collect()
}
