//! Reasons of failed handshakes, for the hook and the metrics.

use std::net::SocketAddr;

use http::StatusCode;

use crate::handshake::Rejection;

/// Reason of a failed handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HandshakeFailure {
    /// The request asked for something other than a WebSocket.
    NotWebSocket,
    /// The request asked for a version other than 13.
    UnsupportedVersion,
    /// The handshake broke the protocol: by its key, host, subprotocols or extensions, or by a body
    /// that no argument reads.
    InvalidHandshake,
    /// The request came from a page of a foreign origin.
    ForeignOrigin,
    /// A limit is reached: see [`Limits`](crate::limits::Limits).
    Limited,
    /// The server shuts down gracefully.
    Draining,
    /// The extractors took longer than `handshake_timeout`.
    TimedOut,
    /// The server of the request cannot upgrade connections.
    NotUpgradable,
    /// An extractor, or a session's `accept`, answered the request.
    Extractor,
    /// The handler answered the request.
    Handler,
    /// An extractor or the handler panicked.
    Panicked,
    /// The client went away before it was answered.
    ClientLeft,
}

impl HandshakeFailure {
    /// Returns its name in metrics: `foreign_origin`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotWebSocket => "not_websocket",
            Self::UnsupportedVersion => "unsupported_version",
            Self::InvalidHandshake => "invalid_handshake",
            Self::ForeignOrigin => "foreign_origin",
            Self::Limited => "limited",
            Self::Draining => "draining",
            Self::TimedOut => "timed_out",
            Self::NotUpgradable => "not_upgradable",
            Self::Extractor => "extractor",
            Self::Handler => "handler",
            Self::Panicked => "panicked",
            Self::ClientLeft => "client_left",
        }
    }
}

impl From<Rejection> for HandshakeFailure {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::MethodNotAllowed { .. }
            | Rejection::ConnectRequired
            | Rejection::UnknownProtocol
            | Rejection::UpgradeRequired
            | Rejection::Http10 => Self::NotWebSocket,
            Rejection::UnsupportedVersion { .. } => Self::UnsupportedVersion,
            Rejection::MissingKey
            | Rejection::InvalidKey
            | Rejection::InvalidHost
            | Rejection::InvalidSubprotocols
            | Rejection::InvalidExtensions
            | Rejection::UnreadBody => Self::InvalidHandshake,
            Rejection::ForeignOrigin => Self::ForeignOrigin,
            Rejection::TimedOut => Self::TimedOut,
            Rejection::Draining { .. } => Self::Draining,
            Rejection::Overloaded { .. } | Rejection::TooMany { .. } => Self::Limited,
            Rejection::NotUpgradable => Self::NotUpgradable,
        }
    }
}

/// A failed handshake, as [`Router::on_handshake_failed`](crate::Router::on_handshake_failed) receives
/// it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct HandshakeFailed<'a> {
    /// Path that the route was registered with.
    pub route: &'a str,
    /// Reason of the failure.
    pub reason: HandshakeFailure,
    /// Status of the response; `None` if the client had gone.
    pub status: Option<StatusCode>,
    /// Other end of the TCP connection, which may be a proxy; `None` if the server of the request
    /// does not provide it.
    pub peer: Option<SocketAddr>,
}
