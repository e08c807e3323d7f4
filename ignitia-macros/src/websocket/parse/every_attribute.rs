//! Parses `#[every(..)]`.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, Expr, ExprLit, Lit, LitStr, Meta, Result,
    parse::{Parse, Parser},
    spanned::Spanned,
};

use crate::{
    tokens::{is_ident, is_punct},
    ungroup::ungroup_expr,
};

const HELP: &str =
    "help: write `#[every(\"5s\")]`, with `ms`, `s`, `m` or `h`, or `#[every(Duration::from_secs(5))]`";

/// `#[every("5s")]` or `#[every(Duration::from_secs(5))]`.
pub(in crate::websocket) struct EveryAttribute {
    pub(in crate::websocket) attribute: Attribute,
    /// An expression of the type `Duration`.
    pub(in crate::websocket) period: TokenStream,
}

impl EveryAttribute {
    pub(super) fn parse(attribute: Attribute) -> Result<Self> {
        let wrong = |what: &str| Error::new_spanned(&attribute, format!("{what}\n{HELP}"));
        let Meta::List(list) = &attribute.meta else {
            return Err(wrong("`#[every]` needs a period"));
        };
        if list.tokens.is_empty() {
            return Err(wrong("`#[every]` needs a period"));
        }
        let Ok(period) = <Expr as Parse>::parse.parse2(list.tokens.clone()) else {
            return Err(wrong("`#[every]` takes one period"));
        };
        let period = match ungroup_expr(&period) {
            Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => of_literal(literal)?,
            Expr::Lit(literal) => {
                return Err(Error::new(literal.span(), format!("a period needs a unit\n{HELP}")));
            }
            expression if names_self(expression.to_token_stream()) => {
                let help = "help: write a constant, or count the ticks of a shorter clock";
                let message = format!("a period cannot depend on the session\n{help}");
                return Err(Error::new_spanned(expression, message));
            }
            expression => quote!(#expression),
        };
        Ok(Self { attribute, period })
    }
}

/// Parses a number and a unit.
fn of_literal(literal: &LitStr) -> Result<TokenStream> {
    let text = literal.value();
    let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let millis: Option<u64> = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = millis.zip(number.parse::<u64>().ok()).and_then(|(unit, number)| unit.checked_mul(number));
    match millis {
        None => Err(Error::new(literal.span(), format!("`{text}` is not a valid period\n{HELP}"))),
        Some(0) => Err(Error::new(literal.span(), format!("the period of a clock cannot be zero\n{HELP}"))),
        Some(millis) => Ok(quote!(::core::time::Duration::from_millis(#millis))),
    }
}

/// Returns true if there is a `self` that does not begin a path.
fn names_self(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_path = tokens.peek().is_some_and(|next| is_punct(next, ':'));
        match token {
            token if is_ident(&token, "self") && !is_path => return true,
            TokenTree::Group(group) if names_self(group.stream()) => return true,
            _ => {}
        }
    }
    false
}
