//! Model of a valid endpoint: all decisions that `emit` needs.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Generics, Ident, LitStr, Pat, Path, Signature, Type, Visibility};

use crate::path_template::PathTemplate;

/// An annotated function, as `emit` writes it.
pub(super) struct Endpoint {
    pub(super) private: TokenStream,
    pub(super) path: PathTemplate,
    pub(super) docs: Vec<Attribute>,
    /// `#[cfg]`s, which apply to everything that is emitted.
    pub(super) conditions: Vec<Attribute>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// Arguments that come from the request.
    pub(super) arguments: Vec<RequestArgument>,
    pub(super) kind: EndpointKind,
    /// Types of the messages that are received and sent, as far as they are known.
    pub(super) message: Option<Type>,
    pub(super) reply: Option<Type>,
    pub(super) id_checks: Option<IdChecks>,
    pub(super) output: Type,
    pub(super) signature: Signature,
    pub(super) body: TokenStream,
}

/// An argument that comes from the request.
pub(super) struct RequestArgument {
    /// Name in the documentation.
    pub(super) name: Ident,
    /// Variable in the emitted code.
    pub(super) value: Ident,
    pub(super) ty: Type,
    pub(super) source: ArgumentSource,
}

/// Source of an argument's value.
pub(super) enum ArgumentSource {
    Parameter(String),
    Extractor,
    /// The session's own queue of events.
    Events,
}

/// Kind of an annotated function, with the arguments behind those from the request.
#[allow(clippy::large_enum_variant, reason = "there is one of it in an expansion")]
pub(super) enum EndpointKind {
    Connection(TrailingArgument),
    OnMessage(MessageFunction),
}

/// A function with `on_message`.
pub(super) struct MessageFunction {
    /// Argument for answering later.
    pub(super) reply_to: Option<TrailingArgument>,
    pub(super) connection: Option<TrailingArgument>,
    pub(super) message: TrailingArgument,
    pub(super) policy: Policy,
    /// The user's functions for raw text and for binary messages.
    pub(super) on_raw: Option<Path>,
    pub(super) on_binary: Option<Path>,
}

/// An argument behind those from the request.
pub(super) struct TrailingArgument {
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// Options of the endpoint that are about messages.
pub(super) struct Policy {
    /// A variant of the runtime's `OnMalformed`.
    pub(super) on_malformed: TokenStream,
    pub(super) id: Option<LitStr>,
    pub(super) takes_binary: bool,
}

/// Types that must have room for the id. The checks stand beside the endpoint, so its parameters
/// cannot occur in these types.
pub(super) struct IdChecks {
    pub(super) id: LitStr,
    pub(super) message: Type,
    pub(super) reply: Option<Type>,
}

/// An `impl` block, as `emit` writes it.
pub(super) struct Session {
    pub(super) private: TokenStream,
    pub(super) path: PathTemplate,
    pub(super) docs: Vec<Attribute>,
    pub(super) conditions: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) self_type: Type,
    /// Name of the type, for contracts.
    pub(super) name: String,
    /// The block as it was written, without the attributes of this crate.
    pub(super) original: TokenStream,
    pub(super) arguments: Vec<RequestArgument>,
    /// Span of the name of `accept`.
    pub(super) accept: Span,
    /// Span of the return type of `accept`.
    pub(super) accepted: Span,
    pub(super) on_open: Option<OnOpen>,
    pub(super) handlers: Vec<Handler>,
    pub(super) on_raw: Option<Hook>,
    pub(super) on_binary: Option<Hook>,
    pub(super) on_event: Option<Hook>,
    pub(super) clocks: Vec<Clock>,
    pub(super) on_close: Option<OnClose>,
    pub(super) message: Type,
    /// The message's path without generics, for its variants.
    pub(super) enum_path: Path,
    pub(super) has_generics: bool,
    /// True if the message depends on the block's parameters.
    pub(super) depends_on_parameters: bool,
    pub(super) reply: Option<Type>,
    /// Return types of hooks and clocks, whose messages nobody asks for.
    pub(super) unasked: Vec<Type>,
    pub(super) policy: Policy,
    pub(super) id_checks: Option<IdChecks>,
}

/// The hook `on_open`.
pub(super) struct OnOpen {
    pub(super) name: Span,
    /// Type of the handle for events, if the hook takes one.
    pub(super) events: Option<Type>,
    /// Expression to pass for the connection, if the hook takes it.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// A hook with one argument.
pub(super) struct Hook {
    pub(super) name: Ident,
    pub(super) argument: Type,
    /// Expression to pass for the connection, if the hook takes it.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// A method with `#[every(..)]`.
pub(super) struct Clock {
    pub(super) period: TokenStream,
    pub(super) method: Ident,
    /// Expression to pass for the connection, if the method takes it.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
}

/// The hook `on_close`.
pub(super) struct OnClose {
    pub(super) name: Span,
    /// Span of the argument for the cause, if the hook takes it.
    pub(super) cause: Option<Span>,
    /// Expression to pass for the connection, if the hook takes it.
    pub(super) connection: Option<TokenStream>,
}

/// A method with `#[on(..)]`.
pub(super) struct Handler {
    pub(super) docs: Vec<Attribute>,
    pub(super) conditions: Vec<Attribute>,
    pub(super) variant: Ident,
    /// True for `#[on(_)]`, which handles the variants without a method of their own.
    pub(super) is_wildcard: bool,
    /// Pattern without the enum's path.
    pub(super) pattern: Pat,
    pub(super) method: Ident,
    /// Arguments in the order of the signature.
    pub(super) arguments: Vec<HandlerArgument>,
    /// Expression to pass for the connection, if the method takes it.
    pub(super) connection: Option<TokenStream>,
    pub(super) output: Span,
    /// Type of the reply.
    pub(super) reply: Type,
}

/// Argument of a method with `#[on(..)]`.
pub(super) enum HandlerArgument {
    /// A variable that the pattern binds.
    Field {
        name: Ident,
        /// Span of the argument's type, if rustc coerces no other type to it.
        exact: Option<Span>,
    },
    /// The handle for answering later, and the span of its type.
    ReplyTo(Span),
}

/// Placeholder of a session with errors.
pub(super) struct SessionPlaceholder {
    pub(super) private: TokenStream,
    pub(super) conditions: Vec<Attribute>,
    pub(super) generics: Generics,
    pub(super) self_type: Type,
    pub(super) original: TokenStream,
}

/// Placeholder of a function with errors: the names that the rest of the program refers to.
pub(super) struct FunctionPlaceholder {
    pub(super) private: TokenStream,
    pub(super) conditions: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    /// False in an `impl` block or a trait, where no items can stand beside the function.
    pub(super) is_free_function: bool,
    /// The item as it was written, for editors.
    pub(super) original: Option<TokenStream>,
}
