//! Identifiers of the macros' own, and the spans at which rustc reports errors.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Type, spanned::Spanned};

/// Creates an identifier that cannot collide with any of the user's.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Creates the same kind of identifier at a span of the user's code, where rustc reports errors.
pub(crate) fn ident_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Moves tokens to another span and keeps their hygiene. rustc points at the first token of a path.
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

/// Returns the span of the last token.
pub(crate) fn last_span(tokens: impl ToTokens) -> Span {
    tokens.to_token_stream().into_iter().last().map_or_else(Span::mixed_site, |last| last.span())
}

/// Creates a path to replace a type. It covers the same source text as the type and resolves as if
/// the user had written it, so rustc reports errors of the type at that place.
pub(crate) fn named_at(name: &str, ty: &Type) -> Type {
    let (first, last) = (Ident::new(name, ty.span()), last_span(ty));
    let brackets = quote_spanned!(last=> <>);
    syn::parse_quote!(#first #brackets)
}
