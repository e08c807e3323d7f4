//! Parses the `impl` block of a session.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, GenericParam, Generics, Ident, ImplItem, Result, Token, Type, Visibility,
    WherePredicate,
    ext::IdentExt,
    parse::{ParseStream, Parser, discouraged::Speculative},
};

use super::{function::is_function, method::Method, recovery};
use crate::{tokens::has_ident, ungroup::ungroup_signature};

/// The `impl` block of a session.
pub(in crate::websocket) struct SessionBlock {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    /// The words before `impl`.
    pub(in crate::websocket) qualifiers: TokenStream,
    pub(in crate::websocket) impl_span: Span,
    pub(in crate::websocket) generics: Generics,
    /// The trait of `impl Trait for Type`.
    pub(in crate::websocket) of_trait: Option<TokenStream>,
    pub(in crate::websocket) self_type: Type,
    pub(in crate::websocket) braces: Span,
    pub(in crate::websocket) items: Vec<SessionItem>,
    /// The first syntax error, after which the rest was recovered.
    pub(in crate::websocket) parse_error: Option<Error>,
}

/// An item of the block.
pub(in crate::websocket) enum SessionItem {
    Method(Box<Method>),
    /// Any other item.
    Other(TokenStream),
}

/// Returns true if the input begins with `impl`, or with words that do not belong before it.
pub(super) fn is_impl(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    qualifiers(&fork).is_ok() && fork.peek(Token![impl])
}

/// Parses the words before `impl`. rustc reports them.
fn qualifiers(input: ParseStream<'_>) -> Result<TokenStream> {
    let visibility: Visibility = input.parse()?;
    let mut words = Vec::new();
    while input.peek2(Token![impl]) {
        words.push(input.call(Ident::parse_any)?);
    }
    Ok(quote::quote!(#visibility #(#words)*))
}

/// The part of the block before its braces.
struct Head {
    generics: Generics,
    of_trait: Option<TokenStream>,
    self_type: Type,
}

impl Head {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut generics: Generics = if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let negative: Option<Token![!]> = input.parse()?;
        let first: Type = input.parse()?;
        let (of_trait, self_type) = if input.peek(Token![for]) {
            input.parse::<Token![for]>()?;
            (Some(quote::quote!(#negative #first)), input.parse()?)
        } else {
            (None, first)
        };
        generics.where_clause = input.parse()?;
        Ok(Self { generics, of_trait, self_type })
    }
}

impl SessionBlock {
    pub(super) fn parse(mut attributes: Vec<Attribute>, input: ParseStream<'_>) -> Result<Self> {
        let qualifiers = qualifiers(input)?;
        let impl_span = input.parse::<Token![impl]>()?.span;
        let tokens: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
        let Some((TokenTree::Group(block), head)) = tokens.split_last() else {
            return Err(Error::new(impl_span, "an `impl` block needs braces"));
        };
        let mut parse_error = None;
        let head = match Head::parse.parse2(head.iter().cloned().collect()) {
            Ok(head) => head,
            Err(error) => {
                let Some(self_type) = recovery::self_type(head) else { return Err(error) };
                parse_error = Some(error);
                Head { generics: Generics::default(), of_trait: None, self_type }
            }
        };
        let inside = |input: ParseStream<'_>| {
            attributes.extend(input.call(Attribute::parse_inner)?);
            items(input, &mut parse_error)
        };
        let items = inside.parse2(block.stream())?;
        let Head { generics, of_trait, self_type } = head;
        Ok(Self {
            attributes,
            qualifiers,
            impl_span,
            generics,
            of_trait,
            self_type,
            braces: block.span(),
            items,
            parse_error,
        })
    }

    /// Returns a parameter of the block that occurs in neither the type nor a bound. rustc reports
    /// it.
    pub(in crate::websocket) fn unconstrained(&self) -> Option<&GenericParam> {
        self.generics.params.iter().find(|parameter| !self.is_constrained(parameter))
    }

    /// Returns the generics without such parameters.
    pub(in crate::websocket) fn constrained(&self) -> Generics {
        let mut generics = self.generics.clone();
        let all = std::mem::take(&mut generics.params);
        generics.params = all.into_iter().filter(|parameter| self.is_constrained(parameter)).collect();
        generics
    }

    /// Returns true if the parameter occurs in the type or in a bound.
    fn is_constrained(&self, parameter: &GenericParam) -> bool {
        let name = match parameter {
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
            GenericParam::Lifetime(_) => return true,
        };
        let clause = self.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let predicates = clause.filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => Some(predicate.bounds.to_token_stream()),
            _ => None,
        });
        let bounds = self.generics.type_params().map(|parameter| parameter.bounds.to_token_stream());
        [self.self_type.to_token_stream()]
            .into_iter()
            .chain(bounds)
            .chain(predicates)
            .any(|tokens| has_ident(tokens, &|word| word == name))
    }

    pub(in crate::websocket) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            SessionItem::Method(method) => Some(&**method),
            SessionItem::Other(_) => None,
        })
    }

    /// Returns the first hook with this name.
    pub(in crate::websocket) fn hook(&self, name: &str) -> Option<&Method> {
        self.methods().find(|method| method.may_be_hook() && method.signature.ident == name)
    }
}

/// Parses the items of the block, and recovers from those that cannot be parsed.
fn items(input: ParseStream<'_>, parse_error: &mut Option<Error>) -> Result<Vec<SessionItem>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let fork = input.fork();
        match item(&fork) {
            Ok(item) => {
                input.advance_to(&fork);
                items.push(item);
            }
            Err(error) => {
                parse_error.get_or_insert(error);
                items.extend(recovery::skip_item(input, item)?.map(SessionItem::Other));
            }
        }
    }
    Ok(items)
}

fn item(input: ParseStream<'_>) -> Result<SessionItem> {
    let attributes = input.call(Attribute::parse_outer)?;
    let fork = input.fork();
    let is_method = fork.parse::<Visibility>().is_ok() && is_function(&fork);
    if !is_method {
        return other(attributes, input).map(SessionItem::Other);
    }
    let visibility = input.parse()?;
    let signature = ungroup_signature(input.parse()?);
    if !input.peek(syn::token::Brace) && !input.peek(Token![;]) {
        return Err(input.error("a method needs a body"));
    }
    let body = input.parse()?;
    Ok(SessionItem::Method(Box::new(Method {
        attributes,
        visibility,
        signature,
        body,
        on_attributes: Vec::new(),
        every_attributes: Vec::new(),
        has_invalid_attribute: false,
        connection_alias: None,
    })))
}

/// Parses an item that is no method.
fn other(attributes: Vec<Attribute>, input: ParseStream<'_>) -> Result<TokenStream> {
    let item = match input.cursor().token_tree() {
        // The output of a `macro_rules!`.
        Some((TokenTree::Group(group), _)) if group.delimiter() == Delimiter::None => {
            input.parse::<TokenTree>()?.into_token_stream()
        }
        _ => input.parse::<ImplItem>()?.into_token_stream(),
    };
    Ok(quote::quote!(#(#attributes)* #item))
}
