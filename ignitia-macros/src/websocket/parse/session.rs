use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, GenericParam, Generics, Ident, ImplItem, Pat, Path, Result, Signature, Token, Type,
    Visibility, WherePredicate,
    ext::IdentExt,
    parse::{ParseStream, Parser, discouraged::Speculative},
    spanned::Spanned,
};

use super::{every::Every, half_typed};
use crate::{
    diagnostics::{Errors, distance},
    hygiene::has_word,
    websocket::model::HOOKS,
};

/// The `impl` block of a session.
pub(in crate::websocket) struct Session {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    /// What stands in front of `impl`.
    pub(in crate::websocket) qualifiers: TokenStream,
    pub(in crate::websocket) impl_span: Span,
    pub(in crate::websocket) generics: Generics,
    /// The trait of `impl Trait for Type`.
    pub(in crate::websocket) of_trait: Option<TokenStream>,
    pub(in crate::websocket) self_type: Type,
    pub(in crate::websocket) braces: Span,
    pub(in crate::websocket) items: Vec<Item>,
    /// Why some of it cannot be read.
    pub(in crate::websocket) half_typed: Option<Error>,
}

pub(in crate::websocket) enum Item {
    Method(Box<Method>),
    /// Whatever else stands in the block.
    Other(TokenStream),
}

/// A function of the block. Its body stays as it is.
pub(in crate::websocket) struct Method {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) visibility: Visibility,
    pub(in crate::websocket) signature: Signature,
    /// The block, or the `;` in its place.
    pub(in crate::websocket) body: TokenTree,
    pub(in crate::websocket) handlers: Vec<Handler>,
    pub(in crate::websocket) every: Vec<Every>,
    /// Whether there is an attribute of ours that cannot be read.
    pub(in crate::websocket) is_unclear: bool,
    /// The type of the last argument, if that is the connection under another name.
    pub(in crate::websocket) alias: Option<Type>,
}

/// `#[on(Variant { field, .. })]`.
pub(in crate::websocket) struct Handler {
    pub(in crate::websocket) attribute: Attribute,
    pub(in crate::websocket) variant: Ident,
    /// The whole pattern, without the enum's path.
    pub(in crate::websocket) pattern: Pat,
}

/// Whether `impl` comes first, but for words that do not belong there.
pub(super) fn is_impl(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    qualifiers(&fork).is_ok() && fork.peek(Token![impl])
}

/// The words in front of `impl`. rustc says that they do not belong there.
fn qualifiers(input: ParseStream<'_>) -> Result<TokenStream> {
    let visibility: Visibility = input.parse()?;
    let mut words = Vec::new();
    while input.peek2(Token![impl]) {
        words.push(input.call(Ident::parse_any)?);
    }
    Ok(quote::quote!(#visibility #(#words)*))
}

/// What stands in front of the braces.
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

impl Session {
    pub(super) fn parse(mut attributes: Vec<Attribute>, input: ParseStream<'_>) -> Result<Self> {
        let qualifiers = qualifiers(input)?;
        let impl_span = input.parse::<Token![impl]>()?.span;
        let tokens: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
        let Some((TokenTree::Group(block), head)) = tokens.split_last() else {
            return Err(Error::new(impl_span, "an `impl` block has braces"));
        };
        let mut half_typed = None;
        let head = match Head::parse.parse2(head.iter().cloned().collect()) {
            Ok(head) => head,
            Err(error) => {
                let Some(self_type) = half_typed::self_type(head) else { return Err(error) };
                half_typed = Some(error);
                Head { generics: Generics::default(), of_trait: None, self_type }
            }
        };
        let inside = |input: ParseStream<'_>| {
            attributes.extend(input.call(Attribute::parse_inner)?);
            items(input, &mut half_typed)
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
            half_typed,
        })
    }

    /// A parameter of the block that nothing says anything about. rustc reports it.
    pub(in crate::websocket) fn unconstrained(&self) -> Option<&GenericParam> {
        self.generics.params.iter().find(|parameter| !self.is_constrained(parameter))
    }

    /// The parameters without those.
    pub(in crate::websocket) fn constrained(&self) -> Generics {
        let mut generics = self.generics.clone();
        let all = std::mem::take(&mut generics.params);
        generics.params = all.into_iter().filter(|parameter| self.is_constrained(parameter)).collect();
        generics
    }

    /// Whether the type has it, or a bound has it.
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
            .any(|tokens| has_word(tokens, &|word| word == name))
    }

    pub(in crate::websocket) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            Item::Method(method) => Some(&**method),
            Item::Other(_) => None,
        })
    }

    /// The hook of that name; the first, if there are several.
    pub(in crate::websocket) fn hook(&self, name: &str) -> Option<&Method> {
        self.methods().find(|method| method.may_be_hook() && method.signature.ident == name)
    }
}

/// The items of the block, as far as they can be read.
fn items(input: ParseStream<'_>, half_typed: &mut Option<Error>) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        let fork = input.fork();
        match item(&fork) {
            Ok(item) => {
                input.advance_to(&fork);
                items.push(item);
            }
            Err(error) => {
                half_typed.get_or_insert(error);
                items.extend(half_typed::skip(input, item)?.map(Item::Other));
            }
        }
    }
    Ok(items)
}

fn item(input: ParseStream<'_>) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let fork = input.fork();
    let is_method = fork.parse::<Visibility>().is_ok() && super::is_function(&fork);
    if !is_method {
        return other(attributes, input).map(Item::Other);
    }
    let visibility = input.parse()?;
    let signature = super::ungrouped(input.parse()?);
    if !input.peek(syn::token::Brace) && !input.peek(Token![;]) {
        return Err(input.error("a method needs a body"));
    }
    let body = input.parse()?;
    Ok(Item::Method(Box::new(Method {
        attributes,
        visibility,
        signature,
        body,
        handlers: Vec::new(),
        every: Vec::new(),
        is_unclear: false,
        alias: None,
    })))
}

/// An item that is no method.
fn other(attributes: Vec<Attribute>, input: ParseStream<'_>) -> Result<TokenStream> {
    let item = match input.cursor().token_tree() {
        // From a `macro_rules!`.
        Some((TokenTree::Group(group), _)) if group.delimiter() == Delimiter::None => {
            input.parse::<TokenTree>()?.into_token_stream()
        }
        _ => input.parse::<ImplItem>()?.into_token_stream(),
    };
    Ok(quote::quote!(#(#attributes)* #item))
}

impl Handler {
    /// Whether it is for all the variants that no other method handles: `#[on(_)]`.
    pub(in crate::websocket) fn is_rest(&self) -> bool {
        matches!(self.pattern, Pat::Wild(_))
    }
}

impl Method {
    pub(in crate::websocket) fn has_body(&self) -> bool {
        matches!(self.body, TokenTree::Group(_))
    }

    /// Takes what is ours out of the attributes: `#[on(..)]`, `#[every(..)]`.
    pub(in crate::websocket) fn take_attributes(&mut self, errors: &mut Errors) {
        for attribute in std::mem::take(&mut self.attributes) {
            let taken = if attribute.path().is_ident("on") {
                handler(attribute).map(|handler| self.handlers.push(handler))
            } else if attribute.path().is_ident("every") {
                Every::parse(attribute).map(|every| self.every.push(every))
            } else if let Some(hook) = HOOKS.iter().find(|hook| attribute.path().is_ident(hook)) {
                let message = format!(
                    "a hook is known by its name\nhelp: remove the attribute, and call the method `{hook}`"
                );
                Err(Error::new_spanned(attribute, message))
            } else if let Some(meant) = meant(&attribute) {
                let message = format!("there is no such attribute\nhelp: write `#[{meant}(..)]`");
                Err(Error::new_spanned(attribute.path(), message))
            } else {
                self.attributes.push(attribute);
                continue;
            };
            if let Err(error) = taken {
                errors.push(error);
                self.is_unclear = true;
            }
        }
    }

    /// Whether we call it.
    pub(in crate::websocket) fn is_called(&self) -> bool {
        !self.may_be_hook() || self.has_name_of_hook()
    }

    pub(in crate::websocket) fn has_name_of_hook(&self) -> bool {
        HOOKS.iter().any(|hook| self.signature.ident == hook)
    }

    /// Whether it is called for its name, if for anything.
    pub(in crate::websocket) fn may_be_hook(&self) -> bool {
        self.handlers.is_empty() && self.every.is_empty()
    }
}

/// The attribute of ours that is meant by one of another name, if that is certain.
fn meant(attribute: &Attribute) -> Option<&'static str> {
    let name = attribute.path().get_ident()?.to_string();
    let is_near = |ours: &&str| distance(&name.to_lowercase(), ours) <= 1;
    match name.as_str() {
        "message" | "on_message" => Some("on"),
        _ => ["on", "every"].into_iter().find(|ours| is_near(ours)),
    }
}

fn handler(attribute: Attribute) -> Result<Handler> {
    const HELP: &str =
        "help: write `#[on(Variant { field, .. })]`, `#[on(Variant(value))]` or `#[on(Variant)]`";
    let wrong = |span: Span, what: &str| Error::new(span, format!("{what}\n{HELP}"));
    let Ok(list) = attribute.meta.require_list() else {
        return Err(Error::new_spanned(attribute, format!("`#[on]` does not say for which message\n{HELP}")));
    };
    let tokens = list.tokens.clone();
    if tokens.is_empty() {
        return Err(Error::new_spanned(attribute, format!("`#[on]` does not say for which message\n{HELP}")));
    }
    let pattern = match Pat::parse_multi_with_leading_vert.parse2(tokens.clone()) {
        Ok(pattern) => pattern,
        Err(error) => return Err(wrong(error.span(), "this is no pattern of a message")),
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
        (Some(variant), _) => Ok(Handler { attribute, variant, pattern }),
        (None, Pat::Or(_)) => {
            let help = "help: give each variant a method of its own; they may call a common one";
            Err(Error::new_spanned(tokens, format!("a method handles one variant\n{help}")))
        }
        (None, Pat::Path(_) | Pat::Struct(_) | Pat::TupleStruct(_)) => {
            let help = "help: leave the enum's name away: `message = ..` says it";
            Err(Error::new_spanned(tokens, format!("the variant stands alone here\n{help}")))
        }
        (None, _) => Err(wrong(pattern.span(), "this is no pattern of a message")),
    }
}
