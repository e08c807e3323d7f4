//! Events of a connection's life, recorded for the log, the metrics and the hook alike.

use std::{sync::Arc, time::Duration};

use super::id::ConnectionId;
use crate::{
    close::CloseCause,
    metrics::{ConnectionMetrics, Metrics, QueueDepths},
    panics::Hook,
    time::{Instant, now},
};

/// A connection that has ended, as the hook of [`Router::on_close`](crate::Router::on_close)
/// receives it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ConnectionClosed<'a> {
    /// Id of the connection.
    pub id: ConnectionId,
    /// Path that its route was registered with.
    pub route: &'a str,
    /// Cause of the end.
    pub cause: &'a CloseCause,
    /// Time from the upgrade to the end of the connection and its handler.
    pub open_for: Duration,
}

/// Hook that is called for every connection that has ended.
pub(crate) type OnClose = Hook<dyn Fn(ConnectionClosed<'_>) + Send + Sync>;

/// Recorder of one connection's events. The default one has no hook and no route: for connections
/// that were never upgraded.
#[derive(Debug, Default)]
pub(crate) struct ConnectionRecorder {
    route: Arc<str>,
    pub(crate) metrics: Metrics,
    on_close: Option<OnClose>,
}

impl ConnectionRecorder {
    pub(crate) fn new(route: Arc<str>, on_close: Option<OnClose>) -> Self {
        let metrics = Metrics::of(&route);
        Self { route, metrics, on_close }
    }

    pub(crate) fn route(&self) -> &str {
        &self.route
    }

    pub(super) fn metrics(&self) -> ConnectionMetrics {
        ConnectionMetrics::new(&self.metrics)
    }

    /// Records an opened connection. Every call is paired with one call to
    /// [`closed`](Self::closed).
    pub(super) fn opened(&self) -> Instant {
        self.metrics.opened();
        now()
    }

    /// Records a connection that has ended. `rest` is what the metrics have not taken yet.
    pub(super) fn closed(&self, id: ConnectionId, cause: &CloseCause, since: Instant, rest: QueueDepths) {
        tracing::debug!(connection = %id, %cause, "WebSocket closed");
        let open_for = now().saturating_duration_since(since);
        self.metrics.closed(cause, open_for, rest);
        if let Some(hook) = &self.on_close {
            let closed = ConnectionClosed { id, route: &self.route, cause, open_for };
            if let Err(panic) = hook.call(|hook| hook(closed)) {
                tracing::error!(connection = %id, panic, "the hook `on_close` panicked");
            }
        }
    }
}
