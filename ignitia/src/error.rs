//! Error type of this crate.

use std::{error::Error as StdError, fmt, io, net::AddrParseError};

use axum_core::{
    BoxError,
    response::{IntoResponse, Response},
};
use http::StatusCode;

/// `Result` with this crate's [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error of this crate: a kind, which the `is_*` methods tell, a text, and often a source.
///
/// A handler that returns one is answered with 500 and an empty body before the upgrade, and closed
/// with 1011 after it. The text goes to the log, never to the peer. An error that
/// [`is_taken`](Self::is_taken) becomes a 409, and 1008; one that
/// [`is_unavailable`](Self::is_unavailable) a 503, and 1013.
pub struct Error {
    kind: ErrorKind,
    context: String,
    source: Option<BoxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorKind {
    Closed,
    Full,
    Input,
    Answered,
    Io,
    Address,
    Json,
    Tls,
    Route,
    Taken,
    #[cfg(feature = "redis")]
    Unavailable,
}

impl Error {
    pub(crate) fn closed() -> Self {
        Self { kind: ErrorKind::Closed, context: "the connection is closed".into(), source: None }
    }

    pub(crate) fn full() -> Self {
        Self { kind: ErrorKind::Full, context: "the outbox is full".into(), source: None }
    }

    pub(crate) fn taken() -> Self {
        Self { kind: ErrorKind::Taken, context: "the seat is taken".into(), source: None }
    }

    #[cfg(feature = "redis")]
    pub(crate) fn unavailable(context: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unavailable, context: context.into(), source: None }
    }

    pub(crate) fn session_ended() -> Self {
        Self { kind: ErrorKind::Closed, context: "the session has ended".into(), source: None }
    }

    pub(crate) fn inbox_full() -> Self {
        Self {
            kind: ErrorKind::Full,
            context: "too many events are waiting for the session".into(),
            source: None,
        }
    }

    pub(crate) fn input(context: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Input, context: context.into(), source: None }
    }

    pub(crate) fn answered() -> Self {
        Self { kind: ErrorKind::Answered, context: "the request has been answered".into(), source: None }
    }

    pub(crate) fn route(context: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Route, context: context.into(), source: None }
    }

    pub(crate) fn io(context: impl Into<String>, source: io::Error) -> Self {
        Self { kind: ErrorKind::Io, context: context.into(), source: Some(source.into()) }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(context: impl Into<String>, source: Option<BoxError>) -> Self {
        Self { kind: ErrorKind::Tls, context: context.into(), source }
    }

    /// Returns true if the connection is closed, or closing: no more messages can be sent.
    pub fn is_closed(&self) -> bool {
        self.kind == ErrorKind::Closed
    }

    /// Returns true if the outbox, which is the send queue, is full (`try_send` only).
    pub fn is_full(&self) -> bool {
        self.kind == ErrorKind::Full
    }

    /// Returns true if an argument cannot be put on the wire: a close code that must not be sent, a
    /// ping of over 125 bytes, a header that the handshake sets itself.
    pub fn is_invalid_input(&self) -> bool {
        self.kind == ErrorKind::Input
    }

    /// Returns true if the request has been answered: its response takes no more headers
    /// ([`ResponseHeaders`](crate::ResponseHeaders) only).
    pub fn is_answered(&self) -> bool {
        self.kind == ErrorKind::Answered
    }

    /// Returns true if a seat in a room is taken, and the room refuses a second one for its key:
    /// see [`Seats::Refuse`](crate::rooms::Seats::Refuse).
    pub fn is_taken(&self) -> bool {
        self.kind == ErrorKind::Taken
    }

    /// Returns true if the engine that rooms are on is away, or too much waits for it
    /// (feature `redis`). What was to be sent is sent to no member, unless the text says that the
    /// outcome is not known.
    pub fn is_unavailable(&self) -> bool {
        #[cfg(feature = "redis")]
        return self.kind == ErrorKind::Unavailable;
        #[cfg(not(feature = "redis"))]
        false
    }

    /// Returns true if input or output failed, for instance because a port is in use.
    pub fn is_io(&self) -> bool {
        self.kind == ErrorKind::Io
    }

    /// Returns true if an address could not be parsed.
    pub fn is_address(&self) -> bool {
        self.kind == ErrorKind::Address
    }

    /// Returns true if JSON could not be encoded or decoded.
    pub fn is_json(&self) -> bool {
        self.kind == ErrorKind::Json
    }

    /// Returns true if a certificate or private key could not be used.
    pub fn is_tls(&self) -> bool {
        self.kind == ErrorKind::Tls
    }

    /// Returns true if a route is malformed or a duplicate, or if its configuration can never have
    /// an effect.
    pub fn is_route(&self) -> bool {
        self.kind == ErrorKind::Route
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.kind).field("context", &self.context);
        if let Some(source) = &self.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.context)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::io("I/O failed", source)
    }
}

impl From<AddrParseError> for Error {
    fn from(source: AddrParseError) -> Self {
        Self { kind: ErrorKind::Address, context: "invalid address".into(), source: Some(source.into()) }
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self { kind: ErrorKind::Json, context: "JSON".into(), source: Some(source.into()) }
    }
}

/// Text of an [`Error`] that became a response, which carries it in its extensions. For the log
/// only.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) text: String,
    /// True if it is no error of the handler: each connection ends with a send to a closed one, and
    /// an engine that is away, which logs that itself, fails them all.
    pub(crate) is_expected: bool,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.is_taken() {
            return (StatusCode::CONFLICT, "the seat is taken").into_response();
        }
        let status = if self.is_unavailable() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        let mut response = status.into_response();
        let is_expected = self.is_closed() || self.is_unavailable();
        response.extensions_mut().insert(Failure { text: self.to_string(), is_expected });
        response
    }
}
