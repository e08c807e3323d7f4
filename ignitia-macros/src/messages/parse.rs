//! Parses the syntax of the item, without judging it.

use proc_macro2::{Span, TokenStream};
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Generics, Ident, Lit, Meta, MetaNameValue, Result,
    Token, Type, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::ungroup::ungroup_expr;

/// The item below the derive.
pub(super) struct Input {
    pub(super) attributes: Attributes,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) body: Body,
}

/// The part of an item behind its head.
pub(super) enum Body {
    Enum(Vec<Variant>),
    /// A struct or a union.
    Other {
        keyword: Span,
    },
}

/// A variant, with its attributes parsed.
pub(super) struct Variant {
    pub(super) attributes: Attributes,
    pub(super) fields: Vec<Field>,
    pub(super) syntax: syn::Variant,
}

/// A field, with its attributes parsed.
pub(super) struct Field {
    pub(super) attributes: Attributes,
    pub(super) name: Option<Ident>,
    pub(super) ty: Type,
}

/// Contents of `#[serde(..)]` and `#[message(..)]`, in the order of the source text.
pub(super) struct Attributes {
    pub(super) entries: Vec<AttributeEntry>,
    /// Arguments of `#[allow(..)]` and `#[expect(..)]`.
    pub(super) allowed_lints: Vec<TokenStream>,
    pub(super) is_deprecated: bool,
}

/// An entry of `#[serde(..)]`, or one `#[message(..)]`.
pub(super) enum AttributeEntry {
    Serde(Meta),
    /// A `#[serde(..)]` that cannot be parsed. Serde's derive reports it.
    Unreadable,
    /// A whole `#[message(..)]`.
    Message(Attribute, Result<Vec<Meta>>),
}

/// Parses the item.
pub(super) fn input(item: TokenStream) -> Result<Input> {
    let DeriveInput { attrs, ident, generics, data, .. } = syn::parse2(item)?;
    let body = match data {
        Data::Enum(data) => Body::Enum(data.variants.into_iter().map(variant).collect()),
        Data::Struct(data) => Body::Other { keyword: data.struct_token.span },
        Data::Union(data) => Body::Other { keyword: data.union_token.span },
    };
    Ok(Input { attributes: attributes(&attrs), name: ident, generics, body })
}

/// Recovers an item whose body cannot be parsed, as an enum without variants.
pub(super) fn recover(item: TokenStream) -> Result<Input> {
    let parser = |input: ParseStream<'_>| {
        let attributes = attributes(&input.call(Attribute::parse_outer)?);
        input.parse::<Visibility>()?;
        input.call(Ident::parse_any)?;
        let (name, generics) = (input.parse()?, input.parse().unwrap_or_default());
        input.parse::<TokenStream>()?;
        Ok(Input { attributes, name, generics, body: Body::Enum(Vec::new()) })
    };
    parser.parse2(item)
}

impl Attributes {
    /// Iterates over the contents of `#[serde(..)]`.
    pub(super) fn serde(&self) -> impl Iterator<Item = &Meta> {
        self.entries.iter().filter_map(|entry| match entry {
            AttributeEntry::Serde(meta) => Some(meta),
            AttributeEntry::Unreadable | AttributeEntry::Message(..) => None,
        })
    }

    /// Iterates over the contents of each `#[message(..)]` that can be parsed.
    pub(super) fn options(&self) -> impl Iterator<Item = &Meta> {
        let read = self.entries.iter().filter_map(|entry| match entry {
            AttributeEntry::Message(_, Ok(options)) => Some(options),
            _ => None,
        });
        read.flatten()
    }

    /// Returns true if Serde's attributes contain one of these words.
    pub(super) fn has_one_of(&self, words: &[&str]) -> bool {
        self.serde().any(|meta| is_one_of(meta, words))
    }

    /// Returns true if Serde's attributes contain only these words.
    pub(super) fn has_only(&self, words: &[&str]) -> bool {
        !self.entries.iter().any(|entry| matches!(entry, AttributeEntry::Unreadable))
            && self.serde().all(|meta| is_one_of(meta, words))
    }

    /// Returns the strings of `word = ".."` and of `word(direction = "..")`.
    pub(super) fn texts(&self, word: &str, direction: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for meta in self.serde().filter(|meta| is_one_of(meta, &[word])) {
            match meta {
                Meta::Path(_) => {}
                Meta::NameValue(given) => texts.extend(text(&given.value)),
                Meta::List(_) => {
                    let given = list::<MetaNameValue>(meta).unwrap_or_default();
                    let given = given.iter().filter(|given| given.path.is_ident(direction));
                    texts.extend(given.filter_map(|given| text(&given.value)));
                }
            }
        }
        texts
    }
}

/// Returns true if the path is one of these words.
pub(super) fn is_one_of(meta: &Meta, words: &[&str]) -> bool {
    words.iter().any(|word| meta.path().is_ident(word))
}

fn variant(syntax: syn::Variant) -> Variant {
    let fields = match &syntax.fields {
        Fields::Named(fields) => fields.named.iter().map(field).collect(),
        Fields::Unnamed(fields) => fields.unnamed.iter().map(field).collect(),
        Fields::Unit => Vec::new(),
    };
    Variant { attributes: attributes(&syntax.attrs), fields, syntax }
}

fn field(field: &syn::Field) -> Field {
    Field { attributes: attributes(&field.attrs), name: field.ident.clone(), ty: field.ty.clone() }
}

fn attributes(attributes: &[Attribute]) -> Attributes {
    let (mut entries, mut allowed_lints) = (Vec::new(), Vec::new());
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("allow") || path.is_ident("expect") {
            allowed_lints.extend(attribute.meta.require_list().ok().map(|list| list.tokens.clone()));
        } else if path.is_ident("message") {
            entries.push(AttributeEntry::Message(attribute.clone(), list(&attribute.meta)));
        } else if path.is_ident("serde") {
            match list(&attribute.meta) {
                Ok(all) => entries.extend(all.into_iter().map(AttributeEntry::Serde)),
                Err(_) => entries.push(AttributeEntry::Unreadable),
            }
        }
    }
    let is_deprecated = attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    Attributes { entries, allowed_lints, is_deprecated }
}

/// Parses the list in the parentheses.
pub(super) fn list<T: syn::parse::Parse>(meta: &Meta) -> Result<Vec<T>> {
    let given = meta.require_list()?.parse_args_with(Punctuated::<T, Token![,]>::parse_terminated)?;
    Ok(given.into_iter().collect())
}

fn text(expression: &Expr) -> Option<String> {
    match ungroup_expr(expression) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
