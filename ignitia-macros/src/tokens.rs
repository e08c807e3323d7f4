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
    replace_lifetimes_if(tokens, lifetime, &|_| true)
}

/// Replaces every lifetime that is declared elsewhere with `'_`: not `'static`, nor those of the
/// type itself (`for<'a> fn(&'a str)`).
pub(crate) fn elide_lifetimes(tokens: TokenStream) -> TokenStream {
    let mut own = Vec::new();
    declared_lifetimes(tokens.clone(), &mut own);
    replace_lifetimes_if(tokens, "_", &|name| name != "static" && !own.contains(name))
}

fn replace_lifetimes_if(
    tokens: TokenStream,
    lifetime: &str,
    is_replaced: &impl Fn(&Ident) -> bool,
) -> TokenStream {
    let mut is_lifetime = false;
    let replaced = |token: TokenTree| {
        let was_tick = std::mem::replace(&mut is_lifetime, is_punct(&token, '\''));
        match token {
            TokenTree::Group(group) => {
                let stream = replace_lifetimes_if(group.stream(), lifetime, is_replaced);
                let mut inner = Group::new(group.delimiter(), stream);
                inner.set_span(group.span());
                inner.into()
            }
            TokenTree::Ident(name) if was_tick && is_replaced(&name) => {
                Ident::new(lifetime, name.span()).into()
            }
            token => token,
        }
    };
    tokens.into_iter().map(replaced).collect()
}

/// Collects the lifetimes between `for<` and `>`.
fn declared_lifetimes(tokens: TokenStream, found: &mut Vec<Ident>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let TokenTree::Group(group) = &token {
            declared_lifetimes(group.stream(), found);
        }
        if is_ident(&token, "for") && tokens.next_if(|next| is_punct(next, '<')).is_some() {
            let declared = tokens.by_ref().take_while(|token| !is_punct(token, '>'));
            found.extend(declared.filter_map(|token| match token {
                TokenTree::Ident(name) => Some(name),
                _ => None,
            }));
        }
    }
}
