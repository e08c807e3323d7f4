//! Syntax only: what stands where.

mod attribute;
mod function;
mod session;

use proc_macro2::TokenStream;
use syn::{
    Attribute, Error, LitStr, Result, Token, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

pub(super) use self::{
    attribute::{Attributes, OnMalformed, Template, attribute},
    function::Function,
    session::{Handler, Item as SessionItem, Method, Session},
};

/// What the attribute stands on.
pub(super) enum Item {
    Function(Function),
    Session(Session),
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
            let message = "`#[websocket]` goes on an async fn, or on the `impl` block of a session\nhelp: write `async fn name(ws: WebSocketConnection) -> Response`";
            return Err(Error::new(input.span(), message));
        }
        Function::parse(attributes, visibility, input).map(Item::Function)
    };
    parser.parse2(item)
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
        if fork.call(syn::Ident::parse_any).is_err() {
            return false;
        }
        if is_extern && fork.peek(LitStr) && fork.parse::<LitStr>().is_err() {
            return false;
        }
    }
    fork.peek(Token![fn])
}
