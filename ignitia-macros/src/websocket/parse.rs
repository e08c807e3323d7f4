//! Syntax only: what stands where.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Error, Ident, LitStr, Path, Result, Signature, Token, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};

use crate::{
    diagnostics::{Errors, did_you_mean},
    path_template::PathTemplate,
};

const OPTIONS: &[&str] = &["crate"];

/// What stands in the attribute.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) path: Option<Template>,
    pub(super) crate_path: Option<Path>,
}

/// A path that was read, and where it stands.
pub(super) struct Template {
    pub(super) literal: LitStr,
    pub(super) template: PathTemplate,
}

/// An async fn. Its body stays as it is: half-typed code keeps its completions.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) signature: Signature,
    pub(super) body: TokenStream,
}

/// Reads the path and the options; what is wrong with one of them is no reason to stop.
pub(super) fn attribute(tokens: TokenStream, errors: &mut Errors) -> Attributes {
    let mut attributes = Attributes::default();
    let parser = |input: ParseStream<'_>| {
        if input.is_empty() {
            return Err(Error::new(input.span(), "a path is missing\nhelp: write `#[websocket(\"/ws\")]`"));
        }
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            match PathTemplate::parse(&literal.value()) {
                Ok(template) => attributes.path = Some(Template { literal, template }),
                Err(faults) => {
                    for fault in faults {
                        errors.at(literal.span(), fault.render(&literal.value()));
                    }
                }
            }
        } else if input.peek(Ident::peek_any) && input.peek2(Token![=]) {
            let mut of_options = Errors::default();
            let word: Ident = input.fork().call(Ident::parse_any)?;
            option(input, &mut attributes, &mut of_options)?;
            // `path = "/ws"` is one mistake, not two.
            let message = match word == "path" {
                true => "the path stands first, without a name\nhelp: write `#[websocket(\"/ws\")]`",
                false => "the path comes first\nhelp: write `#[websocket(\"/ws\", ..)]`",
            };
            errors.at(word.span(), message);
            if word != "path" {
                of_options.into_vec().into_iter().for_each(|error| errors.push(error));
            }
            while input.peek(Token![,]) && input.peek2(LitStr) {
                input.parse::<Token![,]>()?;
                input.parse::<LitStr>()?;
            }
        } else {
            let message = "the path must be a string literal\nhelp: write `#[websocket(\"/ws\")]`";
            return Err(Error::new(input.span(), message));
        }
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                option(input, &mut attributes, errors)?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    attributes
}

fn option(input: ParseStream<'_>, attributes: &mut Attributes, errors: &mut Errors) -> Result<()> {
    let name = input.call(Ident::parse_any)?;
    if name != "crate" {
        let help = match did_you_mean(&name.to_string(), OPTIONS) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("there is: {}", OPTIONS.join(", ")),
        };
        errors.at(name.span(), format!("unknown option `{name}`\nhelp: {help}"));
        return skip(input);
    }
    const MESSAGE: &str = "`crate` is the path of the runtime crate\nhelp: write `crate = ::my_ignitia`";
    if !input.peek(Token![=]) {
        errors.at(name.span(), MESSAGE);
        return skip(input);
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    let Ok(value) = input.call(Path::parse_mod_style) else {
        errors.at(if input.is_empty() { name.span() } else { at }, MESSAGE);
        return skip(input);
    };
    if attributes.crate_path.replace(value).is_some() {
        errors.at(name.span(), "the option `crate` is given twice\nhelp: remove one of the two");
    }
    Ok(())
}

/// Passes over the value of an option that nobody knows.
fn skip(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// Reads the function.
pub(super) fn function(item: TokenStream) -> Result<Function> {
    Function::parse.parse2(item)
}

impl Function {
    /// What is declared in a trait or a foreign block has none.
    pub(super) fn has_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Group(_)))
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        if !is_function(input) {
            let message = "`#[websocket]` goes on an async fn\nhelp: write `async fn name(ws: WebSocketConnection) -> Response`";
            return Err(Error::new(input.span(), message));
        }
        Ok(Self { attributes, visibility, signature: input.parse()?, body: input.parse()? })
    }
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
