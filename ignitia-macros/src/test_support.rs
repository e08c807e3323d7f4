//! Helpers for the tests of all macros: tokens from text, words from tokens, and mangled inputs.

use proc_macro2::{Group, TokenStream, TokenTree};

pub(crate) fn tokens(text: &str) -> TokenStream {
    text.parse().expect("these are tokens")
}

/// Returns all tokens of all groups, without spacing.
pub(crate) fn words(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let empty = Group::new(group.delimiter(), TokenStream::new()).to_string();
                all.push(format!("{empty} of"));
                all.extend(words(group.stream()));
                all.push(format!("end of {empty}"));
            }
            token => all.push(token.to_string()),
        }
    }
    all
}

/// A deterministic pseudo-random generator, good enough for choices.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        Self(0x1234_5678_9abc_def1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("it is below a usize")
    }
}

/// Deletes, duplicates or swaps a token or a group at a random place.
pub(crate) fn mangle(tokens: TokenStream, dice: &mut Dice) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.is_empty() {
        return TokenStream::new();
    }
    let (at, other) = (dice.below(tokens.len()), dice.below(tokens.len()));
    if let TokenTree::Group(group) = &tokens[at]
        && dice.below(4) != 0
    {
        tokens[at] = Group::new(group.delimiter(), mangle(group.stream(), dice)).into();
        return tokens.into_iter().collect();
    }
    match dice.below(3) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(other, tokens[at].clone()),
        _ => tokens.swap(at, other),
    }
    tokens.into_iter().collect()
}
