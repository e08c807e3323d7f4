//! Inspects raw tokens that are not parsed.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

pub(crate) fn is_ident(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(found) if found == word)
}

pub(crate) fn is_punct(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

/// Returns the contents of a group with this delimiter.
pub(crate) fn group_content(token: &TokenTree, delimiter: Delimiter) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group.stream()),
        _ => None,
    }
}

/// Returns true if an identifier at any depth matches.
pub(crate) fn has_ident(tokens: TokenStream, is_wanted: &impl Fn(&Ident) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => is_wanted(&word),
        TokenTree::Group(group) => has_ident(group.stream(), is_wanted),
        _ => false,
    })
}

/// Replaces every lifetime with this one.
pub(crate) fn replace_lifetimes(tokens: TokenStream, lifetime: &str) -> TokenStream {
    let mut is_lifetime = false;
    let replaced = |token: TokenTree| {
        let was_tick = std::mem::replace(
            &mut is_lifetime,
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
        );
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace_lifetimes(group.stream(), lifetime));
                inner.set_span(group.span());
                inner.into()
            }
            TokenTree::Ident(name) if was_tick => Ident::new(lifetime, name.span()).into(),
            token => token,
        }
    };
    tokens.into_iter().map(replaced).collect()
}
