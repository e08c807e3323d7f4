//! Names of ours, and places of the user's.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Type, spanned::Spanned};

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

/// The same tokens with this lifetime in place of every other.
pub(crate) fn with_lifetime(tokens: TokenStream, lifetime: &str) -> TokenStream {
    let mut is_lifetime = false;
    let replaced = |token: TokenTree| {
        let was_tick = std::mem::replace(
            &mut is_lifetime,
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
        );
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_lifetime(group.stream(), lifetime));
                inner.set_span(group.span());
                inner.into()
            }
            TokenTree::Ident(name) if was_tick => Ident::new(lifetime, name.span()).into(),
            token => token,
        }
    };
    tokens.into_iter().map(replaced).collect()
}

/// Whether there is such a word, in whatever depth.
pub(crate) fn has_word(tokens: TokenStream, is_wanted: &impl Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => is_wanted(&word),
        TokenTree::Group(group) => has_word(group.stream(), is_wanted),
        _ => false,
    })
}

/// What stands in the groups that a `macro_rules!` leaves around what it was given.
pub(crate) fn ungrouped(mut expression: &Expr) -> &Expr {
    while let Expr::Group(group) = expression {
        expression = &group.expr;
    }
    expression
}
