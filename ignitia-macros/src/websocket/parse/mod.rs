//! Syntax only: what stands where.

mod attribute;
mod every;
mod function;
mod half_typed;
mod session;

use proc_macro2::TokenStream;
use syn::{
    Attribute, DeriveInput, Error, FnArg, Generics, Ident, LitStr, Result, ReturnType, Signature, Token,
    Type, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

pub(super) use self::{
    attribute::{Attributes, Given, OnMalformed, Template, attribute},
    function::Function,
    half_typed::HalfTyped,
    session::{Handler, Item as SessionItem, Method, Session},
};

/// A type without the groups that a `macro_rules!` leaves around what it was given.
fn ungroup(ty: &mut Type) {
    while let Type::Group(group) = ty {
        *ty = (*group.elem).clone();
    }
    if let Type::Reference(reference) = ty
        && let Type::Group(group) = &*reference.elem
        && matches!(*group.elem, Type::Path(_))
    {
        reference.elem = group.elem.clone();
    }
}

/// What stands in a signature, without those groups.
fn ungrouped(mut signature: Signature) -> Signature {
    for input in &mut signature.inputs {
        if let FnArg::Typed(argument) = input {
            ungroup(&mut argument.ty);
        }
    }
    if let ReturnType::Type(_, ty) = &mut signature.output {
        ungroup(ty);
    }
    signature
}

/// What the attribute stands on.
pub(super) enum Item {
    Function(Function),
    Session(Session),
    HalfTyped(HalfTyped),
    Type(TypeItem),
}

/// A type, on whose `impl` block the attribute was meant to stand.
pub(super) struct TypeItem {
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) original: TokenStream,
    pub(super) error: Error,
}

/// Reads the item.
pub(super) fn item(item: TokenStream) -> Result<Item> {
    let parser = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        if session::is_impl(input) {
            return Session::parse(attributes, input).map(Item::Session);
        }
        let visibility: Visibility = input.parse()?;
        if !is_function(input) {
            return Err(Error::new(input.span(), misplaced(input)));
        }
        Function::parse(attributes, visibility, input).map(Item::Function)
    };
    parser.parse2(item.clone()).or_else(|error| match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(DeriveInput { attrs: attributes, ident: name, generics, .. }) => {
            Ok(Item::Type(TypeItem { attributes, name, generics, original: item, error }))
        }
        Err(_) => HalfTyped::new(item, error).map(Item::HalfTyped),
    })
}

/// What to write instead on an item that has no endpoint in it.
fn misplaced(input: ParseStream<'_>) -> String {
    let fork = input.fork();
    let is_type = fork.peek(Token![struct]) || fork.peek(Token![enum]) || fork.peek(Token![union]);
    let name = fork.call(Ident::parse_any).and_then(|_| fork.parse::<Ident>()).ok().filter(|_| is_type);
    let help = match name {
        Some(name) => {
            format!("put it on `impl {name} {{ .. }}`, with `message = ..` and an `async fn accept`")
        }
        None => "write `async fn name(ws: WebSocketConnection) -> Response`".into(),
    };
    format!("`#[websocket]` goes on an async fn, or on the `impl` block of a session\nhelp: {help}")
}

fn is_function(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    // `const fn` and so on are functions too, wrong ones.
    while fork.peek(Token![const])
        || fork.peek(Token![async])
        || fork.peek(Token![unsafe])
        || fork.peek(Token![extern])
    {
        let is_extern = fork.peek(Token![extern]);
        if fork.call(Ident::parse_any).is_err() {
            return false;
        }
        if is_extern && fork.peek(LitStr) && fork.parse::<LitStr>().is_err() {
            return false;
        }
    }
    fork.peek(Token![fn])
}
