//! Parses the path and the options of `#[websocket(..)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Error, Ident, LitStr, Path, Result, Token, Type,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
};

use crate::{errors::Errors, path_template::PathTemplate, spelling::help_for_unknown, ungroup::ungroup_type};

const OPTIONS: &[&str] =
    &["on_message", "message", "reply", "on_malformed", "on_raw", "on_binary", "id", "crate"];
const ON_MALFORMED_VALUES: &[&str] = &["reply", "close", "ignore"];

/// Fields of the reply to a malformed message.
const ERROR_REPLY_FIELDS: &[&str] = &["type", "code", "path", "message", "expected"];

/// Contents of the attribute.
#[derive(Default)]
pub(in crate::websocket) struct EndpointOptions {
    pub(in crate::websocket) path: Option<PathLiteral>,
    pub(in crate::websocket) on_message: Option<Span>,
    pub(in crate::websocket) message: Option<OptionValue<Type>>,
    pub(in crate::websocket) reply: Option<OptionValue<Type>>,
    pub(in crate::websocket) on_malformed: Option<OptionValue<OnMalformed>>,
    pub(in crate::websocket) on_raw: Option<OptionValue<Path>>,
    pub(in crate::websocket) on_binary: Option<OptionValue<Path>>,
    pub(in crate::websocket) id: Option<OptionValue<LitStr>>,
    pub(in crate::websocket) crate_path: Option<Path>,
    /// True if the path or an option has an error. A missing option may then have been meant.
    pub(in crate::websocket) has_errors: bool,
    /// True after a type without the name of its option.
    has_bare_type: bool,
}

/// A path, and the literal it was parsed from.
pub(in crate::websocket) struct PathLiteral {
    pub(in crate::websocket) literal: LitStr,
    pub(in crate::websocket) template: PathTemplate,
}

/// Value of an option, and the span of the option's name.
pub(in crate::websocket) struct OptionValue<T> {
    pub(in crate::websocket) name_span: Span,
    pub(in crate::websocket) value: T,
}

/// Reaction to a malformed message.
#[derive(Clone, Copy)]
pub(in crate::websocket) enum OnMalformed {
    Reply,
    Close,
    Ignore,
}

/// Parses the path and the options, and collects the errors of all of them.
pub(in crate::websocket) fn options(tokens: TokenStream, errors: &mut Errors) -> EndpointOptions {
    let mut options = EndpointOptions::default();
    let parser = |input: ParseStream<'_>| {
        if input.is_empty() {
            return Err(Error::new(input.span(), "a path is missing\nhelp: write `#[websocket(\"/ws\")]`"));
        }
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            match PathTemplate::parse(&literal.value()) {
                Ok(template) => options.path = Some(PathLiteral { literal, template }),
                Err(path_errors) => {
                    for error in path_errors {
                        errors.at(literal.span(), error.render(&literal.value()));
                    }
                }
            }
        } else if input.peek(Ident::peek_any) && (input.peek2(Token![=]) || is_on_message(input)) {
            parse_misplaced_path(input, &mut options, errors)?;
        } else {
            errors.at(input.span(), "the path must be a string literal\nhelp: write `#[websocket(\"/ws\")]`");
            skip_value(input)?;
        }
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.peek(Token![,]) {
                errors.at(input.span(), "extra comma\nhelp: remove it");
            } else if !input.is_empty() {
                parse_option(input, &mut options, errors)?;
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    options.has_errors = !errors.is_empty();
    options
}

fn is_on_message(input: ParseStream<'_>) -> bool {
    input.fork().call(Ident::parse_any).is_ok_and(|word| word == "on_message")
}

/// Parses an option in place of the path. `path = "/ws"` is one mistake, not two.
fn parse_misplaced_path(
    input: ParseStream<'_>,
    options: &mut EndpointOptions,
    errors: &mut Errors,
) -> Result<()> {
    let mut option_errors = Errors::default();
    let word: Ident = input.fork().call(Ident::parse_any)?;
    parse_option(input, options, &mut option_errors)?;
    let message = match word == "path" {
        true => "the path comes first, without a name\nhelp: write `#[websocket(\"/ws\")]`",
        false => "the path comes first\nhelp: write `#[websocket(\"/ws\", ..)]`",
    };
    errors.at(word.span(), message);
    if word != "path" {
        option_errors.into_vec().into_iter().for_each(|error| errors.push(error));
    }
    while input.peek(Token![,]) && input.peek2(LitStr) {
        input.parse::<Token![,]>()?;
        input.parse::<LitStr>()?;
    }
    Ok(())
}

fn parse_option(input: ParseStream<'_>, options: &mut EndpointOptions, errors: &mut Errors) -> Result<()> {
    let name = input.call(Ident::parse_any)?;
    let is_second = match name.to_string().as_str() {
        "on_message" => {
            if !input.is_empty() && !input.peek(Token![,]) {
                errors.at(
                    name.span(),
                    "`on_message` takes no value\nhelp: write `#[websocket(\"/ws\", on_message)]`",
                );
                skip_value(input)?;
            }
            options.on_message.replace(name.span()).is_some()
        }
        "message" => {
            let help =
                "`message` is the enum of the messages that clients send\nhelp: write `message = ClientMsg`";
            set_option(
                &mut options.message,
                parse_value(input, &name, help, errors)?.map(|UngroupedType(ty)| ty),
                &name,
            )
        }
        "reply" => {
            let help =
                "`reply` is the enum of the messages that the server sends\nhelp: write `reply = ServerMsg`";
            set_option(
                &mut options.reply,
                parse_value(input, &name, help, errors)?.map(|UngroupedType(ty)| ty),
                &name,
            )
        }
        "id" => {
            let help = "`id` is the name of the field that replies repeat\nhelp: write `id = \"id\"`";
            let given: Option<LitStr> = parse_value(input, &name, help, errors)?;
            set_option(&mut options.id, given.filter(|given| check_id(given, errors)), &name)
        }
        "on_malformed" => {
            let help =
                "`on_malformed` is one of `reply`, `close`, `ignore`\nhelp: write `on_malformed = reply`";
            let mut given: Option<Ident> = parse_value(input, &name, help, errors)?;
            if given.is_some() && !input.is_empty() && !input.peek(Token![,]) {
                errors.on(given.take(), help);
                skip_value(input)?;
            }
            let given = given.and_then(|word| parse_on_malformed(&word, errors));
            set_option(&mut options.on_malformed, given, &name)
        }
        "on_raw" => {
            let help = "`on_raw` is the function for text that is not a message\nhelp: write `on_raw = heartbeat`, with `async fn heartbeat(text: &str, ws: &WebSocketConnection) -> Option<Message>`";
            set_option(&mut options.on_raw, parse_value(input, &name, help, errors)?, &name)
        }
        "on_binary" => {
            let help = "`on_binary` is the function for binary messages\nhelp: write `on_binary = upload`, with `async fn upload(bytes: Vec<u8>, ws: &WebSocketConnection)`";
            set_option(&mut options.on_binary, parse_value(input, &name, help, errors)?, &name)
        }
        "crate" => {
            let help = "`crate` is the path of the runtime crate\nhelp: write `crate = ::my_ignitia`";
            match parse_value(input, &name, help, errors)? {
                Some(ModPath(path)) => options.crate_path.replace(path).is_some(),
                None => false,
            }
        }
        ty if ty.starts_with(char::is_uppercase) => {
            // Several types in a row are one mistake.
            if !std::mem::replace(&mut options.has_bare_type, true) {
                let help = format!("help: write `message = {ty}`, or `reply = {ty}`");
                errors.at(name.span(), format!("`{ty}` needs the name of its option\n{help}"));
            }
            skip_value(input)?;
            false
        }
        unknown => {
            let help = help_for_unknown(unknown, OPTIONS);
            errors.at(name.span(), format!("unknown option `{name}`\nhelp: {help}"));
            skip_value(input)?;
            false
        }
    };
    if is_second {
        errors.at(name.span(), format!("the option `{name}` is given twice\nhelp: remove one of the two"));
    }
    Ok(())
}

/// Sets an option, and returns true if it was set before.
fn set_option<T>(option: &mut Option<OptionValue<T>>, value: Option<T>, name: &Ident) -> bool {
    match value {
        Some(value) => option.replace(OptionValue { name_span: name.span(), value }).is_some(),
        None => false,
    }
}

/// Parses the value behind `=`, up to the next comma.
fn parse_value<T: Parse>(
    input: ParseStream<'_>,
    name: &Ident,
    message: &str,
    errors: &mut Errors,
) -> Result<Option<T>> {
    if !input.peek(Token![=]) {
        errors.at(name.span(), message);
        return skip_value(input).map(|()| None);
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    let fork = input.fork();
    match fork.parse::<T>() {
        Ok(_) => input.parse().map(Some),
        Err(_) => {
            errors.at(if input.is_empty() { name.span() } else { at }, message);
            skip_value(input).map(|()| None)
        }
    }
}

/// A type without invisible groups around it.
struct UngroupedType(Type);

impl Parse for UngroupedType {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut ty = input.parse()?;
        ungroup_type(&mut ty);
        Ok(Self(ty))
    }
}

/// A path without generics.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        input.call(Path::parse_mod_style).map(Self)
    }
}

/// Checks that the reply to a malformed message has room for an id of this name. Returns true if it
/// has.
fn check_id(name: &LitStr, errors: &mut Errors) -> bool {
    let taken = match name.value().as_str() {
        "" => "the id needs a name".to_owned(),
        other if ERROR_REPLY_FIELDS.contains(&other) => {
            format!("error replies already have a field `{other}`")
        }
        _ => return true,
    };
    errors.at(name.span(), format!("{taken}\nhelp: write `id = \"id\"`"));
    false
}

fn parse_on_malformed(word: &Ident, errors: &mut Errors) -> Option<OnMalformed> {
    match word.to_string().as_str() {
        "reply" => Some(OnMalformed::Reply),
        "close" => Some(OnMalformed::Close),
        "ignore" => Some(OnMalformed::Ignore),
        other => {
            let help = help_for_unknown(other, ON_MALFORMED_VALUES);
            errors.at(word.span(), format!("`{other}` is not a value of `on_malformed`\nhelp: {help}"));
            None
        }
    }
}

/// Skips the value of an option that is unknown or wrong.
fn skip_value(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
