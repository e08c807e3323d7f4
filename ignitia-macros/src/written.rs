//! Tokens as text, in messages and in what they propose.

use quote::ToTokens;

/// The type as somebody would write it.
pub(crate) fn written(ty: impl ToTokens) -> String {
    let mut text = String::new();
    for word in ty.to_token_stream().to_string().split_whitespace() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let after = text.ends_with(|c| is_word(c) || c == ',' || c == ';');
        if after && word.starts_with(|c| is_word(c) || text.ends_with([',', ';'])) {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}
