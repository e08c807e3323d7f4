//! Paths in tokens that syn does not parse: arguments of macros.

use proc_macro2::{TokenStream, TokenTree};

/// A path, and the line that it stands in.
pub(super) type PlacedPath = (Vec<String>, usize);

/// Returns all paths in the input of a macro. What `quote!` holds is the code of another crate:
/// only what is interpolated is code of this one.
pub(super) fn paths_in_macro(name: &str, tokens: TokenStream) -> Vec<PlacedPath> {
    let mut paths = Vec::new();
    match name {
        "quote" | "parse_quote" => interpolated(tokens, &mut paths),
        "quote_spanned" | "parse_quote_spanned" => {
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            let arrow = tokens.windows(2).position(|pair| is_punct(&pair[0], '=') && is_punct(&pair[1], '>'));
            let (span, quoted) = tokens.split_at(arrow.unwrap_or(0));
            collect(span.iter().cloned().collect(), &mut paths);
            interpolated(quoted.iter().cloned().collect(), &mut paths);
        }
        _ => collect(tokens, &mut paths),
    }
    paths
}

/// Returns the names that items in the input of a macro define: `struct Name`.
pub(super) fn items_in_macro(tokens: TokenStream) -> Vec<(String, String, usize)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut items = Vec::new();
    for pair in tokens.windows(2) {
        if let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair {
            let keyword = keyword.to_string();
            if ["struct", "enum", "trait", "type", "union", "fn", "const", "static"]
                .contains(&keyword.as_str())
            {
                items.push((keyword, name.to_string(), name.span().start().line));
            }
        }
    }
    items
}

fn interpolated(tokens: TokenStream, paths: &mut Vec<PlacedPath>) {
    let mut after_hash = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if after_hash => {
                paths.push((vec![ident.to_string()], ident.span().start().line));
            }
            TokenTree::Group(group) => interpolated(group.stream(), paths),
            _ => {}
        }
        after_hash = is_punct(&token, '#');
    }
}

fn collect(tokens: TokenStream, paths: &mut Vec<PlacedPath>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => collect(group.stream(), paths),
            TokenTree::Ident(first) => {
                let (path, end) = path_from(&tokens, at);
                if begins_path(&tokens[..at], &path[0]) {
                    paths.push((path, first.span().start().line));
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Returns the path whose first name is at `at`, and the index behind it.
fn path_from(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut path = vec![tokens[at].to_string()];
    at += 1;
    while let [colon, second, TokenTree::Ident(name), ..] = &tokens[at..]
        && is_punct(colon, ':')
        && is_punct(second, ':')
    {
        path.push(name.to_string());
        at += 3;
    }
    (path, at)
}

/// Returns true if a name behind these tokens is the first of a path, and not a field, a method, a
/// lifetime, a fragment of a macro, or a name of another crate.
fn begins_path(before: &[TokenTree], name: &str) -> bool {
    let is = |back: usize, c| before.len() >= back && is_punct(&before[before.len() - back], c);
    let is_field = is(1, '.') && !is(2, '.');
    let is_global = is(1, ':') && is(2, ':');
    if is(1, '$') { name == "crate" } else { !is_field && !is_global && !is(1, '\'') }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, tokens: &str) -> Vec<String> {
        let paths = paths_in_macro(name, tokens.parse().unwrap());
        paths.into_iter().map(|(path, _)| path.join("::")).collect()
    }

    #[test]
    fn paths_are_found_between_other_tokens() {
        assert_eq!(
            found("vec", "a::b(x.field, [crate::C::<T>::new()]), 0..limit"),
            ["a::b", "x", "crate::C", "T", "limit"]
        );
    }

    #[test]
    fn fragments_and_lifetimes_are_no_paths() {
        assert_eq!(found("rule", "$name $crate::x::Y &'a ::std::Z"), ["crate::x::Y"]);
    }

    #[test]
    fn quoted_code_is_of_another_crate() {
        assert_eq!(found("quote", "crate::x::Y #name { #(#each),* }"), ["name", "each"]);
        assert_eq!(found("quote_spanned", "item.span()=> Foo #name"), ["item", "name"]);
    }

    #[test]
    fn items_are_found_by_their_keyword() {
        let items = items_in_macro("pub struct Name { a: u8 } fn f() {}".parse().unwrap());
        assert_eq!(items, [("struct".into(), "Name".into(), 1), ("fn".into(), "f".into(), 1)]);
    }
}
