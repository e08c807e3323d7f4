//! What an endpoint is, once nothing is wrong with it.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Generics, Ident, LitStr, Pat, Path, Signature, Type, Visibility};

use crate::path_template::PathTemplate;

/// Everything that `emit` needs, decided.
pub(super) struct Endpoint {
    pub(super) private: TokenStream,
    pub(super) path: PathTemplate,
    pub(super) docs: Vec<Attribute>,
    /// `#[cfg]`s: they are on everything that is made.
    pub(super) conditions: Vec<Attribute>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// All arguments that come from the request.
    pub(super) arguments: Vec<RequestArgument>,
    pub(super) kind: EndpointKind,
    /// What is received and what is sent, as far as it is known.
    pub(super) message: Option<Type>,
    pub(super) reply: Option<Type>,
    pub(super) id_checks: Option<IdChecks>,
    pub(super) output: Type,
    pub(super) signature: Signature,
    pub(super) body: TokenStream,
}

pub(super) struct RequestArgument {
    /// The name that the documentation shows.
    pub(super) name: Ident,
    /// The name in our own code.
    pub(super) value: Ident,
    pub(super) ty: Type,
    pub(super) source: ArgumentSource,
}

/// Where an argument comes from.
pub(super) enum ArgumentSource {
    Parameter(String),
    Extractor,
    /// The session's own queue of events.
    Events,
}

/// What stands behind the arguments from the request.
#[allow(clippy::large_enum_variant, reason = "there is one of it in an expansion")]
pub(super) enum EndpointKind {
    Connection(TrailingArgument),
    OnMessage(MessageFunction),
}

pub(super) struct MessageFunction {
    /// What a later answer needs.
    pub(super) reply_to: Option<TrailingArgument>,
    pub(super) connection: Option<TrailingArgument>,
    pub(super) message: TrailingArgument,
    pub(super) policy: Policy,
    /// Functions of the user's for what is no message.
    pub(super) on_raw: Option<Path>,
    pub(super) on_binary: Option<Path>,
}

pub(super) struct TrailingArgument {
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// What the endpoint says about its messages.
pub(super) struct Policy {
    /// A variant of the runtime's `OnMalformed`.
    pub(super) on_malformed: TokenStream,
    pub(super) id: Option<LitStr>,
    pub(super) takes_binary: bool,
}

/// What must have room for the id. It is checked beside the endpoint, so these types can be named there.
pub(super) struct IdChecks {
    pub(super) id: LitStr,
    pub(super) message: Type,
    pub(super) reply: Option<Type>,
}

/// An `impl` block with its hooks found.
pub(super) struct Session {
    pub(super) private: TokenStream,
    pub(super) path: PathTemplate,
    pub(super) conditions: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) self_type: Type,
    /// The block as it was written, without what is ours.
    pub(super) original: TokenStream,
    pub(super) arguments: Vec<RequestArgument>,
    /// Where `accept` has its name.
    pub(super) accept: Span,
    /// Where `accept` says what it returns.
    pub(super) accepted: Span,
    pub(super) on_open: Option<OnOpen>,
    pub(super) handlers: Vec<Handler>,
    pub(super) on_raw: Option<Hook>,
    pub(super) on_binary: Option<Hook>,
    pub(super) on_event: Option<Hook>,
    pub(super) clocks: Vec<Clock>,
    pub(super) on_close: Option<OnClose>,
    pub(super) message: Type,
    /// The message's path without its generics: its variants know them.
    pub(super) enum_path: Path,
    pub(super) has_generics: bool,
    /// Whether the message depends on the block's parameters.
    pub(super) depends_on_parameters: bool,
    pub(super) reply: Option<Type>,
    pub(super) policy: Policy,
    pub(super) id_checks: Option<IdChecks>,
}

pub(super) struct OnOpen {
    pub(super) name: Span,
    /// The type of the handle for events, if it takes one.
    pub(super) events: Option<Type>,
    /// What is given for the connection, if it takes that.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// A hook that is given one thing.
pub(super) struct Hook {
    pub(super) name: Ident,
    pub(super) argument: Type,
    /// What is given for the connection, if it takes that.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// A method with `#[every(..)]`.
pub(super) struct Clock {
    pub(super) period: TokenStream,
    pub(super) method: Ident,
    /// What is given for the connection, if it takes that.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

pub(super) struct OnClose {
    pub(super) name: Span,
    /// Where the cause is taken.
    pub(super) cause: Option<Span>,
    /// What is given for the connection, if it takes that.
    pub(super) connection: Option<TokenStream>,
}

/// A method for one variant.
pub(super) struct Handler {
    pub(super) conditions: Vec<Attribute>,
    pub(super) variant: Ident,
    /// Whether it is for all variants that have none of their own.
    pub(super) is_wildcard: bool,
    /// The pattern without the enum's path.
    pub(super) pattern: Pat,
    pub(super) method: Ident,
    /// What the method takes, in its order.
    pub(super) arguments: Vec<HandlerArgument>,
    /// What is given for the connection, if it takes that.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// What a method for a variant is given.
pub(super) enum HandlerArgument {
    /// A name of the pattern.
    Field {
        name: Ident,
        /// Where its type stands, if nothing can be coerced to that.
        exact: Option<Span>,
    },
    /// What a later answer needs, of the type that stands there.
    ReplyTo(Span),
}

/// What stands for a session that has faults.
pub(super) struct SessionPlaceholder {
    pub(super) private: TokenStream,
    pub(super) conditions: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) self_type: Type,
    pub(super) original: TokenStream,
}

/// What stands for an endpoint that has faults: the names that the rest of the program knows it by.
pub(super) struct FunctionPlaceholder {
    pub(super) private: TokenStream,
    pub(super) conditions: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    /// In an `impl` block or a trait there can be no items beside it.
    pub(super) is_free_function: bool,
    /// The item as it was written, for editors.
    pub(super) original: Option<TokenStream>,
}
