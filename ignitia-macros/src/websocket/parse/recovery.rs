//! Recovers from items that cannot be parsed, because they are still being typed.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, Result, Signature, Token, Type, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use crate::{
    tokens::{group_content, is_ident, is_punct},
    websocket::syntax::hook_names::HOOK_NAMES,
};

/// A function whose head cannot be parsed.
pub(in crate::websocket) struct UnparsableFunction {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) visibility: Visibility,
    pub(in crate::websocket) name: Ident,
    /// True in an `impl` block or a trait.
    pub(in crate::websocket) is_method: bool,
    pub(in crate::websocket) original: TokenStream,
    pub(in crate::websocket) error: Error,
}

impl UnparsableFunction {
    /// Recovers the function, or returns the error if the item is none.
    pub(super) fn recover(item: TokenStream, error: Error) -> Result<Self> {
        let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let Some((name, behind)) = function_name(&tokens) else { return Err(error) };
        let arguments = behind.first().and_then(|token| group_content(token, Delimiter::Parenthesis));
        let is_method =
            arguments.is_some_and(|arguments| arguments.into_iter().any(|token| is_ident(&token, "self")));
        let (attributes, visibility) =
            head.parse2(item.clone()).unwrap_or((Vec::new(), Visibility::Inherited));
        Ok(Self { attributes, visibility, name, is_method, original: item, error })
    }
}

fn head(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Visibility)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?))
}

/// Returns the name behind `fn` and before the first braces, and the tokens that follow it. The
/// name is the last of several words in `fn async name()`.
fn function_name(tokens: &[TokenTree]) -> Option<(Ident, &[TokenTree])> {
    let braces = tokens.iter().position(|token| group_content(token, Delimiter::Brace).is_some());
    let start = tokens[..braces.unwrap_or(tokens.len())].iter().position(|token| is_ident(token, "fn"))? + 1;
    let length = tokens[start..].iter().take_while(|token| matches!(token, TokenTree::Ident(_))).count();
    let name = tokens[start..start + length].last()?.to_token_stream();
    Some((syn::parse2(name).ok()?, &tokens[start + length..]))
}

/// Skips an item of a block that cannot be parsed. Returns its tokens if it is a function that has
/// to stay, because the rest of the program may call it.
pub(super) fn skip_item<T>(
    input: ParseStream<'_>,
    read: impl Fn(ParseStream<'_>) -> Result<T>,
) -> Result<Option<TokenStream>> {
    let mut skipped = Vec::new();
    while !input.is_empty() {
        if !skipped.is_empty() && may_begin_item(input) && read(&input.fork()).is_ok() {
            break;
        }
        let token: TokenTree = input.parse()?;
        let is_last = is_punct(&token, ';') || group_content(&token, Delimiter::Brace).is_some();
        skipped.push(token);
        if is_last {
            break;
        }
    }
    Ok(readable_function(&skipped))
}

/// Returns true if the next word can begin an item of an `impl` block.
fn may_begin_item(input: ParseStream<'_>) -> bool {
    input.peek(Token![#])
        || ["async", "const", "fn", "pub", "type", "unsafe"]
            .iter()
            .any(|word| input.fork().call(Ident::parse_any).is_ok_and(|next| next == word))
}

/// Returns the tokens without attributes of this crate if they are a function with nothing but its
/// arguments unparsable: rustc recovers from that.
fn readable_function(tokens: &[TokenTree]) -> Option<TokenStream> {
    let left: Vec<TokenTree> = without_session_attributes(tokens).into_iter().collect();
    let (_, behind) = function_name(&left)?;
    let (arguments, rest) = behind.split_first()?;
    group_content(arguments, Delimiter::Parenthesis)?;
    let before = &left[..left.len() - behind.len()];
    let without_arguments = |input: ParseStream<'_>| {
        head(input)?;
        input.parse::<Signature>()?;
        input.parse::<Group>()
    };
    without_arguments.parse2(quote::quote!(#(#before)* () #(#rest)*)).ok()?;
    Some(left.into_iter().collect())
}

/// Returns the tokens without `#[on(..)]` and the like.
fn without_session_attributes(mut tokens: &[TokenTree]) -> TokenStream {
    let mut left = TokenStream::new();
    while let Some((first, rest)) = tokens.split_first() {
        if is_punct(first, '#')
            && let Some(attribute) = rest.first()
            && is_session_attribute(attribute)
        {
            tokens = &rest[1..];
            continue;
        }
        first.to_tokens(&mut left);
        tokens = rest;
    }
    left
}

fn is_session_attribute(attribute: &TokenTree) -> bool {
    let first = group_content(attribute, Delimiter::Bracket).and_then(|words| words.into_iter().next());
    first.is_some_and(|word| ["on", "every"].iter().chain(HOOK_NAMES).any(|known| is_ident(&word, known)))
}

/// Returns the type at the end of an `impl` block's head whose beginning cannot be parsed.
pub(super) fn self_type(head: &[TokenTree]) -> Option<Type> {
    let end = head.iter().position(|token| is_ident(token, "where")).unwrap_or(head.len());
    (0..end).find_map(|start| syn::parse2(head[start..end].iter().cloned().collect()).ok())
}
