use std::{sync::Arc, time::Duration};

use metrics::counter;

use super::{
    close_code::close_code_label,
    handler_timer::HandlerTimer,
    route_handles::{RouteHandles, handshakes},
};
use crate::{close::CloseCause, metrics::queue_depths::QueueDepths};

/// Metrics of the connections of one route; the default counts nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics(pub(super) Option<Arc<RouteHandles>>);

impl Metrics {
    pub(crate) fn of(route: &Arc<str>) -> Self {
        Self(Some(RouteHandles::of(route)))
    }

    /// Counts a handshake that failed for this reason.
    pub(crate) fn refused(&self, reason: &'static str) {
        if let Some(handles) = &self.0 {
            handshakes(&handles.route, reason).increment(1);
        }
    }

    /// Counts a handshake that succeeded.
    pub(crate) fn upgraded(&self) {
        if let Some(handles) = &self.0 {
            handles.upgraded.increment(1);
        }
    }

    /// Counts an open connection. Every call is paired with one of [`closed`](Self::closed).
    pub(crate) fn opened(&self) {
        if let Some(handles) = &self.0 {
            handles.connections.increment(1);
        }
    }

    /// Counts the end of an open connection, its messages that were lost with it, and the `rest`
    /// that was not counted before.
    pub(crate) fn closed(&self, cause: &CloseCause, open_for: Duration, rest: QueueDepths) {
        let Some(handles) = &self.0 else { return };
        handles.connections.decrement(1);
        handles.unsent.increment(cause.unsent as u64);
        handles.unhandled.increment(cause.unhandled as u64);
        handles.lagged.increment(rest.dropped);
        handles.uncompressed_bytes_out.increment(rest.spared as u64);
        handles.connection_durations.record(open_for.as_secs_f64());
        counter!(
            "ignitia_connections_closed_total",
            "route" => handles.route.clone(),
            "cause" => cause.kind.as_str(),
            "code" => close_code_label(cause.frame.as_ref().map(|frame| frame.code)),
        )
        .increment(1);
    }

    /// Counts what was written to a connection by others than its task.
    pub(crate) fn count_direct_write(&self, bytes: usize, messages: usize) {
        if let Some(handles) = &self.0 {
            handles.bytes_out.increment(bytes as u64);
            handles.uncompressed_bytes_out.increment(bytes as u64);
            handles.messages_out.increment(messages as u64);
        }
    }

    /// Starts the timer of a handler call, which ends when it is dropped.
    pub(crate) fn start_handler_timer(&self) -> HandlerTimer {
        HandlerTimer::new(self.0.clone())
    }
}
