//! Report of a handshake's outcome to the metrics, the log and the hook.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::{ConnectInfo, MatchedPath};
use axum_core::response::Response;
use http::{Extensions, StatusCode};

use super::{
    failed_upgrade::FailedUpgrade,
    handshake_failure::{HandshakeFailed, HandshakeFailure},
};
use crate::{metrics::Metrics, panics::Hook, path::readable};

/// Hook that is called for every handshake that has failed.
pub(crate) type OnHandshakeFailed = Hook<dyn Fn(HandshakeFailed<'_>) + Send + Sync>;

/// A handshake that is under way. Its outcome is reported once; if it is dropped before, the client
/// has gone.
#[derive(Debug)]
pub(crate) struct HandshakeReport {
    pub(crate) route: Arc<str>,
    peer: Option<SocketAddr>,
    hook: Option<OnHandshakeFailed>,
    is_over: bool,
}

impl HandshakeReport {
    /// Begins a report. `path` is the one that the route was registered with; axum's matched path
    /// has the prefixes of the routers around it too, and is preferred.
    pub(crate) fn begin(path: &Arc<str>, extensions: &Extensions) -> Self {
        let route = match extensions.get::<MatchedPath>().map(|matched| readable(matched.as_str())) {
            Some(matched) if *matched != **path => matched.into(),
            _ => path.clone(),
        };
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        Self { route, peer, hook: extensions.get().cloned(), is_over: false }
    }

    /// Reports the outcome and returns the response.
    pub(crate) fn end(mut self, outcome: Result<Response, FailedUpgrade>) -> Response {
        match outcome {
            Ok(response) => {
                self.is_over = true;
                Metrics::of(&self.route).upgraded();
                response
            }
            Err(FailedUpgrade { reason, response }) => {
                self.failed(reason, Some(response.status()));
                response
            }
        }
    }

    fn failed(&mut self, reason: HandshakeFailure, status: Option<StatusCode>) {
        self.is_over = true;
        let answer = status.map(|status| status.as_u16());
        tracing::debug!(route = &*self.route, why = reason.as_str(), answer, "a WebSocket handshake failed");
        Metrics::of(&self.route).refused(reason.as_str());
        if let Some(hook) = &self.hook {
            let failed = HandshakeFailed { route: &self.route, reason, status, peer: self.peer };
            if let Err(panic) = hook.call(|hook| hook(failed)) {
                tracing::error!(route = &*self.route, panic, "the hook `on_handshake_failed` panicked");
            }
        }
    }
}

impl Drop for HandshakeReport {
    fn drop(&mut self) {
        if !self.is_over {
            self.failed(HandshakeFailure::ClientLeft, None);
        }
    }
}
