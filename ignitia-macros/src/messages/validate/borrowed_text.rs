//! Reports types such as `&'a str`, which can only borrow text without escapes.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Type;

use crate::{
    errors::Errors,
    messages::{
        parse::{Field, Variant},
        side::Side,
    },
    source_text::source_text,
    tokens::{has_ident, is_punct},
};

pub(super) fn check(variant: &Variant, side: Side, errors: &mut Errors) {
    let [skip, skip_here] = side.skip_attributes();
    let [with, with_here] = side.custom_attributes();
    let changes = [skip, skip_here, with, with_here];
    if side == Side::Server || variant.attributes.has_one_of(&changes) {
        return;
    }
    for field in variant.fields.iter().filter(|field| !field.attributes.has_one_of(&changes)) {
        if let (Some(borrowed), owned) = owned_type(&field.ty) {
            errors.on(&field.ty, error_text(field, &borrowed, &owned));
        }
    }
}

fn error_text(field: &Field, borrowed: &TokenStream, owned: &TokenStream) -> String {
    let name = field.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    format!(
        "`{}` cannot hold text with an escape in it, such as a quote or a line break: such messages would be malformed\n\
         help: write `#[serde(borrow)] {name}{}`",
        source_text(borrowed),
        source_text(owned)
    )
}

/// Returns the first borrowed type, and the field's type with an owning type in its place.
pub(super) fn owned_type(ty: &Type) -> (Option<TokenStream>, TokenStream) {
    let (mut borrowed, ty) = (None, ty.to_token_stream());
    // A `PhantomData` holds no text.
    if has_ident(ty.clone(), &|word| word == "PhantomData") {
        return (None, ty);
    }
    let owned = replace_borrowed(ty, &mut borrowed);
    (borrowed, owned)
}

fn replace_borrowed(tokens: TokenStream, borrowed: &mut Option<TokenStream>) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut replacement = TokenStream::new();
    let mut rest = &tokens[..];
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if is_punct(first, '&')
            && let [tick @ TokenTree::Punct(_), TokenTree::Ident(lifetime), text, behind @ ..] = behind
            && let Some(owned) = owned_alternative(tick, lifetime, text, behind)
        {
            borrowed.get_or_insert(quote!(#first #tick #lifetime #text));
            owned.to_tokens(&mut replacement);
            rest = behind;
        } else if let TokenTree::Group(group) = first {
            Group::new(group.delimiter(), replace_borrowed(group.stream(), borrowed))
                .to_tokens(&mut replacement);
        } else {
            first.to_tokens(&mut replacement);
        }
    }
    replacement
}

/// Returns the type to write in place of `&'lifetime text`.
fn owned_alternative(
    tick: &TokenTree,
    lifetime: &Ident,
    text: &TokenTree,
    behind: &[TokenTree],
) -> Option<TokenStream> {
    let is_path = behind.first().is_some_and(|next| is_punct(next, ':'));
    match text {
        _ if lifetime == "static" || is_path => None,
        TokenTree::Ident(word) if word == "str" => Some(quote!(std::borrow::Cow<#tick #lifetime, str>)),
        TokenTree::Ident(word) if word == "Path" => Some(quote!(std::borrow::Cow<#tick #lifetime, Path>)),
        TokenTree::Group(slice) if slice.delimiter() == Delimiter::Bracket => {
            (slice.stream().to_string() == "u8").then(|| quote!(std::borrow::Cow<#tick #lifetime, str>))
        }
        _ => None,
    }
}
