//! Who is told what becomes of a connection: the log, the metrics, the hook.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::id::ConnectionId;
use crate::{
    close::CloseCause,
    metrics::{ConnectionMetrics, Metrics},
    panics::Hook,
    time::now,
};

/// A connection that has ended, as [`Router::on_close`](crate::Router::on_close) is told.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Closed<'a> {
    /// The connection's number.
    pub id: ConnectionId,
    /// The path that its route was registered with.
    pub route: &'a str,
    /// Why it ended.
    pub cause: &'a CloseCause,
    /// From the upgrade to the end of the connection and its handler.
    pub open_for: Duration,
}

/// Hook that is called for every connection that has ended.
pub(crate) type OnClose = Hook<dyn Fn(Closed<'_>) + Send + Sync>;

/// By default, of a connection that came to nothing, nobody is told.
#[derive(Debug, Default)]
pub(crate) struct ConnectionEvents {
    route: Arc<str>,
    pub(crate) metrics: Metrics,
    on_close: Option<OnClose>,
}

impl ConnectionEvents {
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

    /// It is upgraded; every connection of which this is told is told of once more when it has ended.
    pub(super) fn opened(&self) -> Instant {
        self.metrics.opened();
        now()
    }

    /// `dropped` messages of rooms were given up that have not been counted yet.
    pub(super) fn closed(&self, id: ConnectionId, cause: &CloseCause, since: Instant, dropped: u64) {
        tracing::debug!(connection = %id, %cause, "WebSocket closed");
        let open_for = now().saturating_duration_since(since);
        self.metrics.closed(cause, open_for, dropped);
        if let Some(hook) = &self.on_close {
            let closed = Closed { id, route: &self.route, cause, open_for };
            if let Err(panic) = hook.call(|hook| hook(closed)) {
                tracing::error!(connection = %id, panic, "the hook `on_close` panicked");
            }
        }
    }
}
