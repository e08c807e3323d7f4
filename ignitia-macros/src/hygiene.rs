//! Names of ours, and places of the user's.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Type, spanned::Spanned};

/// A name of ours, which no name of the user's can meet.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, standing at a place of the user's: that is where rustc points.
pub(crate) fn ident_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// The same tokens, standing at another place: rustc points at the first token of a path.
pub(crate) fn located_at(tokens: &TokenStream, span: Span) -> TokenStream {
    let moved = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), located_at(&group.stream(), span)).into();
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.clone().into_iter().map(moved).collect()
}

/// The place of the last token.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().last().map_or_else(Span::mixed_site, |last| last.span())
}

/// A name of ours in the place of a type, as long as that, and as if the user had written it: what rustc says of the type, it says
/// there.
pub(crate) fn named_at(name: &str, ty: &Type) -> Type {
    let (first, last) = (Ident::new(name, ty.span()), last_span(ty));
    let brackets = quote_spanned!(last=> <>);
    syn::parse_quote!(#first #brackets)
}
