//! Parses `#[on(..)]`.

use proc_macro2::Span;
use syn::{Attribute, Error, Ident, Pat, Path, Result, parse::Parser, spanned::Spanned};

/// `#[on(Variant { field, .. })]`.
pub(in crate::websocket) struct OnAttribute {
    pub(in crate::websocket) attribute: Attribute,
    pub(in crate::websocket) variant: Ident,
    /// The whole pattern, without the enum's path.
    pub(in crate::websocket) pattern: Pat,
}

impl OnAttribute {
    /// Returns true for `#[on(_)]`, which handles the variants without a method of their own.
    pub(in crate::websocket) fn is_wildcard(&self) -> bool {
        matches!(self.pattern, Pat::Wild(_))
    }
}

pub(super) fn on_attribute(attribute: Attribute) -> Result<OnAttribute> {
    const HELP: &str =
        "help: write `#[on(Variant { field, .. })]`, `#[on(Variant(value))]` or `#[on(Variant)]`";
    let wrong = |span: Span, what: &str| Error::new(span, format!("{what}\n{HELP}"));
    let Ok(list) = attribute.meta.require_list() else {
        return Err(Error::new_spanned(attribute, format!("`#[on]` does not name a variant\n{HELP}")));
    };
    let tokens = list.tokens.clone();
    if tokens.is_empty() {
        return Err(Error::new_spanned(attribute, format!("`#[on]` does not name a variant\n{HELP}")));
    }
    let pattern = match Pat::parse_multi_with_leading_vert.parse2(tokens.clone()) {
        Ok(pattern) => pattern,
        Err(error) => return Err(wrong(error.span(), "this is not a pattern for a variant")),
    };
    let single = |path: &Path| path.get_ident().cloned();
    let variant = match &pattern {
        Pat::Ident(variant) if variant.subpat.is_none() && variant.by_ref.is_none() => {
            Some(variant.ident.clone())
        }
        Pat::Struct(variant) => single(&variant.path),
        Pat::TupleStruct(variant) => single(&variant.path),
        Pat::Wild(rest) => Some(Ident::new("_", rest.underscore_token.span)),
        _ => None,
    };
    match (variant, &pattern) {
        (Some(variant), _) => Ok(OnAttribute { attribute, variant, pattern }),
        (None, Pat::Or(_)) => {
            let help = "help: give each variant a method of its own; the methods may call a shared one";
            Err(Error::new_spanned(tokens, format!("a method handles one variant\n{help}")))
        }
        (None, Pat::Path(_) | Pat::Struct(_) | Pat::TupleStruct(_)) => {
            let help = "help: remove the path: `message = ..` names the enum";
            Err(Error::new_spanned(tokens, format!("the variant is written without the enum's name\n{help}")))
        }
        (None, _) => Err(wrong(pattern.span(), "this is not a pattern for a variant")),
    }
}
