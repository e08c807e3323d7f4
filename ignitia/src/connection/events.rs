//! Who is told what becomes of a connection: the log, the metrics, the hook.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::id::ConnectionId;
use crate::{
    close::CloseCause,
    metrics::{Metrics, Tally},
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

/// What is called for every connection that has ended.
#[derive(Clone)]
pub(crate) struct OnClose(Arc<dyn Fn(Closed<'_>) + Send + Sync>);

impl OnClose {
    pub(crate) fn new(hook: impl Fn(Closed<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }
}

impl fmt::Debug for OnClose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnClose").finish_non_exhaustive()
    }
}

/// By default, of a connection that came to nothing, nobody is told.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    route: Arc<str>,
    pub(crate) metrics: Metrics,
    on_close: Option<OnClose>,
}

impl Observer {
    pub(crate) fn new(route: Arc<str>, on_close: Option<OnClose>) -> Self {
        let metrics = Metrics::of(&route);
        Self { route, metrics, on_close }
    }

    pub(crate) fn route(&self) -> &str {
        &self.route
    }

    pub(super) fn tally(&self) -> Tally {
        Tally::new(&self.metrics)
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
        if let Some(OnClose(hook)) = &self.on_close {
            let closed = Closed { id, route: &self.route, cause, open_for };
            if catch_unwind(AssertUnwindSafe(|| hook(closed))).is_err() {
                tracing::error!(connection = %id, "the hook `on_close` panicked");
            }
        }
    }
}
