//! Splits an item at a `#[cfg(..)]` on an argument.
//!
//! Some of the tokens that an argument contributes to, such as tuple types, cannot carry a
//! `#[cfg]`. So the whole item is emitted twice, with the argument and without it, and `#[cfg]`
//! selects one.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::tokens::{is_ident, is_punct};

/// An item for both outcomes of a condition.
pub(super) struct CfgSplit {
    pub(super) condition: TokenStream,
    pub(super) with: TokenStream,
    pub(super) without: TokenStream,
}

/// Splits an item at the first of its arguments that has a condition.
pub(super) fn split(item: &TokenStream) -> Option<CfgSplit> {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let is_block =
        tokens.iter().take_while(|token| !is_ident(token, "fn")).any(|token| is_ident(token, "impl"));
    match tokens.split_last() {
        Some((TokenTree::Group(block), head)) if is_block && block.delimiter() == Delimiter::Brace => {
            let inside: Vec<TokenTree> = block.stream().into_iter().collect();
            Some(split_functions(&inside)?.wrapped(head, block, &[]))
        }
        _ => split_functions(&tokens),
    }
}

/// Searches the heads of the functions in order, but not their bodies.
fn split_functions(tokens: &[TokenTree]) -> Option<CfgSplit> {
    let (mut is_head, mut depth) = (false, 0_usize);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            _ if is_ident(token, "fn") => (is_head, depth) = (true, 0),
            TokenTree::Punct(_) if is_head => depth = angle_depth(depth, tokens, index),
            TokenTree::Group(group)
                if is_head && depth == 0 && group.delimiter() == Delimiter::Parenthesis =>
            {
                is_head = false;
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                if let Some(split) = split_arguments(&inside) {
                    return Some(split.wrapped(&tokens[..index], group, &tokens[index + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

fn split_arguments(tokens: &[TokenTree]) -> Option<CfgSplit> {
    let (mut start, mut depth) = (0, 0);
    for index in 0..=tokens.len() {
        let is_end = tokens.get(index).is_none_or(|token| depth == 0 && is_punct(token, ','));
        if !is_end {
            depth = angle_depth(depth, tokens, index);
            continue;
        }
        if let Some((at, condition)) = cfg_condition(&tokens[start..index]) {
            let (before, argument) = (&tokens[..start], &tokens[start..index]);
            let rest = &tokens[index..];
            let (first, second) = (&argument[..at], &argument[at + 2..]);
            let behind = &rest[rest.len().min(1)..];
            return Some(CfgSplit {
                condition,
                with: quote!(#(#before)* #(#first)* #(#second)* #(#rest)*),
                without: quote!(#(#before)* #(#behind)*),
            });
        }
        start = index + 1;
    }
    None
}

/// Returns the first `#[cfg(..)]` among the attributes of an argument: its index, and the
/// condition.
fn cfg_condition(argument: &[TokenTree]) -> Option<(usize, TokenStream)> {
    let mut at = 0;
    while let [hash, TokenTree::Group(attribute), ..] = &argument[at..]
        && is_punct(hash, '#')
    {
        let inside: Vec<TokenTree> = attribute.stream().into_iter().collect();
        if let [word, TokenTree::Group(condition)] = &inside[..]
            && is_ident(word, "cfg")
        {
            return Some((at, condition.stream()));
        }
        at += 2;
    }
    None
}

impl CfgSplit {
    fn wrapped(self, before: &[TokenTree], group: &Group, behind: &[TokenTree]) -> Self {
        let wrap = |tokens: TokenStream| {
            let mut wrapped = Group::new(group.delimiter(), tokens);
            wrapped.set_span(group.span());
            let wrapped = TokenTree::from(wrapped).to_token_stream();
            quote!(#(#before)* #wrapped #(#behind)*)
        };
        Self { condition: self.condition, with: wrap(self.with), without: wrap(self.without) }
    }
}

/// Returns the number of angle brackets that are open behind a token. The one in `->` does not
/// count.
fn angle_depth(depth: usize, tokens: &[TokenTree], index: usize) -> usize {
    let is_arrow = index > 0 && is_punct(&tokens[index - 1], '-');
    match &tokens[index] {
        token if is_punct(token, '<') => depth + 1,
        token if is_punct(token, '>') && !is_arrow => depth.saturating_sub(1),
        _ => depth,
    }
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::test_support::{tokens, words};

    #[track_caller]
    fn splits(item: &str, condition: &str, with: &str, without: &str) {
        let split = split(&tokens(item)).expect("an argument has a condition");
        assert_eq!(split.condition.to_string(), condition);
        assert_eq!(words(split.with), words(tokens(with)));
        assert_eq!(words(split.without), words(tokens(without)));
    }

    #[test]
    fn the_first_argument_with_a_condition_is_there_or_not() {
        splits(
            "pub async fn f<F: Fn(u8) -> u8>(a: Map<A, B>, #[cfg(x)] b: B, #[cfg(y)] c: C) -> D { g(#[cfg(z)] 1) }",
            "x",
            "pub async fn f<F: Fn(u8) -> u8>(a: Map<A, B>, b: B, #[cfg(y)] c: C) -> D { g(#[cfg(z)] 1) }",
            "pub async fn f<F: Fn(u8) -> u8>(a: Map<A, B>, #[cfg(y)] c: C) -> D { g(#[cfg(z)] 1) }",
        );
        splits(
            "impl A<B> { fn f(&self) {} fn g(&self, #[a] #[cfg(not(x))] b: B) {} }",
            "not (x)",
            "impl A<B> { fn f(&self) {} fn g(&self, #[a] b: B) {} }",
            "impl A<B> { fn f(&self) {} fn g(&self, ) {} }",
        );
    }

    #[test]
    fn items_without_conditions_are_not_split() {
        for item in [
            "fn f(a: A) { fn g(#[cfg(x)] b: B) {} }",
            "#[cfg(x)] impl A { #[cfg(x)] fn f(#[a] a: A) {} }",
            "",
        ] {
            assert!(split(&tokens(item)).is_none(), "{item}");
        }
    }
}
