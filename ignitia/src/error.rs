//! The error of this crate.

use std::{error::Error as StdError, fmt, io, net::AddrParseError};

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

/// `Result` with this crate's [`Error`] as default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// What went wrong: a kind to ask for with the `is_*` methods, a text, and mostly a source.
///
/// As a handler's outcome it is a 500 with an empty body before the upgrade, and close code 1011 after it: its
/// text goes to the log, never to the peer. One that [is taken](Self::is_taken) is a 409, and 1008.
pub struct Error {
    kind: Kind,
    context: String,
    source: Option<Source>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
}

impl Error {
    pub(crate) fn closed() -> Self {
        Self { kind: Kind::Closed, context: "the connection is closed".into(), source: None }
    }

    pub(crate) fn full() -> Self {
        Self { kind: Kind::Full, context: "the outbox is full".into(), source: None }
    }

    pub(crate) fn taken() -> Self {
        Self { kind: Kind::Taken, context: "the seat is taken".into(), source: None }
    }

    pub(crate) fn session_ended() -> Self {
        Self { kind: Kind::Closed, context: "the session has ended".into(), source: None }
    }

    pub(crate) fn inbox_full() -> Self {
        Self { kind: Kind::Full, context: "too many events wait for the session".into(), source: None }
    }

    pub(crate) fn input(context: impl Into<String>) -> Self {
        Self { kind: Kind::Input, context: context.into(), source: None }
    }

    pub(crate) fn answered() -> Self {
        Self { kind: Kind::Answered, context: "the request has been answered".into(), source: None }
    }

    pub(crate) fn route(context: impl Into<String>) -> Self {
        Self { kind: Kind::Route, context: context.into(), source: None }
    }

    pub(crate) fn io(context: impl Into<String>, source: io::Error) -> Self {
        Self { kind: Kind::Io, context: context.into(), source: Some(source.into()) }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn tls(context: impl Into<String>, source: Option<Source>) -> Self {
        Self { kind: Kind::Tls, context: context.into(), source }
    }

    /// The connection is closed, or closing: nothing more can be sent.
    pub fn is_closed(&self) -> bool {
        self.kind == Kind::Closed
    }

    /// The outbox is full (`try_send` only).
    pub fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }

    /// An argument cannot be put on the wire: a close code that must not be sent, a ping of over 125 bytes, a header of the
    /// handshake's own.
    pub fn is_invalid_input(&self) -> bool {
        self.kind == Kind::Input
    }

    /// The request has been answered: nothing more goes into its answer ([`ResponseHeaders`](crate::ResponseHeaders) only).
    pub fn is_answered(&self) -> bool {
        self.kind == Kind::Answered
    }

    /// A room has one seat for each key, and refuses a second: see [`Seats::Refuse`](crate::rooms::Seats::Refuse).
    pub fn is_taken(&self) -> bool {
        self.kind == Kind::Taken
    }

    /// Input or output failed, for instance because a port is in use.
    pub fn is_io(&self) -> bool {
        self.kind == Kind::Io
    }

    /// An address could not be parsed.
    pub fn is_address(&self) -> bool {
        self.kind == Kind::Address
    }

    /// JSON could not be written or read.
    pub fn is_json(&self) -> bool {
        self.kind == Kind::Json
    }

    /// A certificate or private key could not be used.
    pub fn is_tls(&self) -> bool {
        self.kind == Kind::Tls
    }

    /// A route is malformed or was given twice, or its configuration can never have an effect.
    pub fn is_route(&self) -> bool {
        self.kind == Kind::Route
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
        Self::io("input or output failed", source)
    }
}

impl From<AddrParseError> for Error {
    fn from(source: AddrParseError) -> Self {
        Self { kind: Kind::Address, context: "invalid address".into(), source: Some(source.into()) }
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self { kind: Kind::Json, context: "JSON".into(), source: Some(source.into()) }
    }
}

#[cfg(feature = "tls")]
impl From<tokio_rustls::rustls::Error> for Error {
    fn from(source: tokio_rustls::rustls::Error) -> Self {
        Self::tls("TLS set-up failed", Some(source.into()))
    }
}

#[cfg(feature = "self-signed")]
impl From<rcgen::Error> for Error {
    fn from(source: rcgen::Error) -> Self {
        Self::tls("no certificate could be made", Some(source.into()))
    }
}

/// What an [`Error`] that became a response had to say: for the log only.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) text: String,
    /// It says no more than that the connection was closed, which is how every connection ends.
    pub(crate) is_closed: bool,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if self.is_taken() {
            return (StatusCode::CONFLICT, "the seat is taken").into_response();
        }
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Failure { text: self.to_string(), is_closed: self.is_closed() });
        response
    }
}
