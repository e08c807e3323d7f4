//! Formats tokens as source text, for messages and suggestions.

use quote::ToTokens;

/// Formats a type with ordinary spacing.
pub(crate) fn source_text(ty: impl ToTokens) -> String {
    let (mut text, mut is_after_lifetime) = (String::new(), false);
    for word in ty.to_token_stream().to_string().split_whitespace() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_after_word = text.ends_with(is_word) && word.starts_with(is_word);
        if is_after_word || text.ends_with([',', ';']) || is_after_lifetime && word.starts_with(['[', '(']) {
            text.push(' ');
        }
        is_after_lifetime = word.starts_with('\'') && !word.ends_with([',', '>']);
        text.push_str(word);
    }
    text
}
