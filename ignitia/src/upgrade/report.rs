//! A handshake, and what came of it: who is told.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::{ConnectInfo, MatchedPath};
use axum_core::response::{IntoResponse, Response};
use http::{Extensions, StatusCode};

use crate::{handshake::Rejection, metrics::Metrics, panics::Hook, path::readable};

/// Why a handshake came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpgradeFailure {
    /// The request asked for something else than a WebSocket.
    NotWebSocket,
    /// The request asked for a version other than 13.
    UnsupportedVersion,
    /// The handshake broke the protocol: its key, host, subprotocols or extensions, or a body that nobody reads.
    InvalidHandshake,
    /// The page that asked is of a foreign origin.
    ForeignOrigin,
    /// A limit is reached: see [`Limits`](crate::limits::Limits).
    Limited,
    /// The server drains.
    Draining,
    /// The extractors took longer than `handshake_timeout`.
    TimedOut,
    /// What serves the request cannot upgrade.
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

impl UpgradeFailure {
    /// Its name in metrics: `foreign_origin`.
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

impl From<Rejection> for UpgradeFailure {
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

/// A handshake that came to nothing, as [`Router::on_upgrade_failed`](crate::Router::on_upgrade_failed) is told.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct UpgradeFailed<'a> {
    /// The path that the route was registered with.
    pub route: &'a str,
    /// What it failed for.
    pub why: UpgradeFailure,
    /// What the client was answered; `None` if it had gone.
    pub status: Option<StatusCode>,
    /// The other end of the TCP connection, which may be a proxy; `None` if what serves the request does not say.
    pub peer: Option<SocketAddr>,
}

/// Hook that is called for every handshake that has failed.
pub(crate) type OnUpgradeFailed = Hook<dyn Fn(UpgradeFailed<'_>) + Send + Sync>;

/// The answer to a handshake that came to nothing.
#[derive(Debug)]
pub(crate) struct FailedUpgrade {
    why: UpgradeFailure,
    response: Response,
}

impl FailedUpgrade {
    pub(crate) fn new(why: UpgradeFailure, response: impl IntoResponse) -> Self {
        Self { why, response: response.into_response() }
    }

    pub(crate) fn panicked() -> Self {
        Self::new(UpgradeFailure::Panicked, StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Rejection> for FailedUpgrade {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.into(), rejection)
    }
}

/// A handshake that is under way. Its end is told once; dropped before, the client has gone.
#[derive(Debug)]
pub(crate) struct HandshakeReport {
    pub(crate) route: Arc<str>,
    peer: Option<SocketAddr>,
    hook: Option<OnUpgradeFailed>,
    is_over: bool,
}

impl HandshakeReport {
    /// `path` is what the route was registered with; the one that the request was found by has those of the routers around
    /// it too.
    pub(crate) fn begin(path: &Arc<str>, extensions: &Extensions) -> Self {
        let route = match extensions.get::<MatchedPath>().map(|matched| readable(matched.as_str())) {
            Some(matched) if *matched != **path => matched.into(),
            _ => path.clone(),
        };
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        Self { route, peer, hook: extensions.get().cloned(), is_over: false }
    }

    /// The answer, when everybody has been told.
    pub(crate) fn end(mut self, outcome: Result<Response, FailedUpgrade>) -> Response {
        match outcome {
            Ok(response) => {
                self.is_over = true;
                Metrics::of(&self.route).upgraded();
                response
            }
            Err(FailedUpgrade { why, response }) => {
                self.failed(why, Some(response.status()));
                response
            }
        }
    }

    fn failed(&mut self, why: UpgradeFailure, status: Option<StatusCode>) {
        self.is_over = true;
        let answer = status.map(|status| status.as_u16());
        tracing::debug!(route = &*self.route, why = why.as_str(), answer, "no WebSocket came of a handshake");
        Metrics::of(&self.route).refused(why.as_str());
        if let Some(hook) = &self.hook {
            let failed = UpgradeFailed { route: &self.route, why, status, peer: self.peer };
            if let Err(panic) = hook.call(|hook| hook(failed)) {
                tracing::error!(route = &*self.route, panic, "the hook `on_upgrade_failed` panicked");
            }
        }
    }
}

impl Drop for HandshakeReport {
    fn drop(&mut self) {
        if !self.is_over {
            self.failed(UpgradeFailure::ClientLeft, None);
        }
    }
}
