//! Parses the annotated item.

use proc_macro2::TokenStream;
use syn::{
    Attribute, DeriveInput, Error, Generics, Ident, Result, Token, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use super::{
    function::{Function, is_function},
    recovery::UnparsableFunction,
    session::{self, SessionBlock},
};

/// The item below the attribute.
pub(in crate::websocket) enum AnnotatedItem {
    Function(Function),
    Session(SessionBlock),
    UnparsableFunction(UnparsableFunction),
    MisplacedType(MisplacedType),
}

/// A type. The attribute was meant for its `impl` block.
pub(in crate::websocket) struct MisplacedType {
    pub(in crate::websocket) attributes: Vec<Attribute>,
    pub(in crate::websocket) name: Ident,
    pub(in crate::websocket) generics: Generics,
    pub(in crate::websocket) original: TokenStream,
    pub(in crate::websocket) error: Error,
}

/// Parses the item.
pub(in crate::websocket) fn item(item: TokenStream) -> Result<AnnotatedItem> {
    let parser = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        if session::is_impl(input) {
            return SessionBlock::parse(attributes, input).map(AnnotatedItem::Session);
        }
        let visibility: Visibility = input.parse()?;
        if !is_function(input) {
            return Err(Error::new(input.span(), error_text(input)));
        }
        Function::parse(attributes, visibility, input).map(AnnotatedItem::Function)
    };
    parser.parse2(item.clone()).or_else(|error| match syn::parse2::<DeriveInput>(item.clone()) {
        Ok(DeriveInput { attrs: attributes, ident: name, generics, .. }) => {
            Ok(AnnotatedItem::MisplacedType(MisplacedType {
                attributes,
                name,
                generics,
                original: item,
                error,
            }))
        }
        Err(_) => UnparsableFunction::recover(item, error).map(AnnotatedItem::UnparsableFunction),
    })
}

/// Returns the error for an item that is no endpoint, with the text to write instead.
fn error_text(input: ParseStream<'_>) -> String {
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
