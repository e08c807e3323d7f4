use std::{
    collections::HashMap,
    fmt, ptr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use crate::time::Instant;

/// Cache of handles by route: to look a metric up by name costs more than to count.
static CACHE: LazyLock<Mutex<HashMap<Arc<str>, Arc<RouteHandles>>>> = LazyLock::new(Mutex::default);

/// Handles of the metrics of one route.
pub(super) struct RouteHandles {
    pub(super) route: Arc<str>,
    /// Address of the recorder that they belong to. The program may install another one.
    recorder: usize,
    pub(super) upgraded: Counter,
    pub(super) connections: Gauge,
    pub(super) messages_in: Counter,
    pub(super) messages_out: Counter,
    pub(super) bytes_in: Counter,
    pub(super) bytes_out: Counter,
    pub(super) uncompressed_bytes_in: Counter,
    pub(super) uncompressed_bytes_out: Counter,
    pub(super) queued_in: Gauge,
    pub(super) queued_out: Gauge,
    pub(super) lagged: Counter,
    pub(super) unsent: Counter,
    pub(super) unhandled: Counter,
    pub(super) pings: Histogram,
    pub(super) handler_durations: Histogram,
    pub(super) connection_durations: Histogram,
}

impl RouteHandles {
    /// Returns the handles of a route, from the cache if it has those of the current recorder.
    pub(super) fn of(route: &Arc<str>) -> Arc<Self> {
        let recorder = metrics::with_recorder(|recorder| ptr::from_ref(recorder).addr());
        let cache = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        let cached = cache().get(route).filter(|handles| handles.recorder == recorder).cloned();
        // The recorder is code of the user's: it is called while nothing is locked.
        cached.unwrap_or_else(|| {
            let handles = Arc::new(Self::look_up(route, recorder));
            cache().insert(route.clone(), handles.clone());
            handles
        })
    }

    fn look_up(route: &Arc<str>, recorder: usize) -> Self {
        let counter = |name, label, value| counter!(name, "route" => route.clone(), label => value);
        let queued =
            |direction| gauge!("ignitia_queued_messages", "route" => route.clone(), "direction" => direction);
        let histogram = |name| histogram!(name, "route" => route.clone());
        Self {
            route: route.clone(),
            recorder,
            upgraded: handshakes(route, "upgraded"),
            connections: gauge!("ignitia_connections", "route" => route.clone()),
            messages_in: counter("ignitia_messages_total", "direction", "in"),
            messages_out: counter("ignitia_messages_total", "direction", "out"),
            bytes_in: counter("ignitia_bytes_total", "direction", "in"),
            bytes_out: counter("ignitia_bytes_total", "direction", "out"),
            uncompressed_bytes_in: counter("ignitia_uncompressed_bytes_total", "direction", "in"),
            uncompressed_bytes_out: counter("ignitia_uncompressed_bytes_total", "direction", "out"),
            queued_in: queued("in"),
            queued_out: queued("out"),
            lagged: counter("ignitia_dropped_messages_total", "reason", "lagged"),
            unsent: counter("ignitia_dropped_messages_total", "reason", "unsent"),
            unhandled: counter("ignitia_dropped_messages_total", "reason", "unhandled"),
            pings: histogram("ignitia_ping_seconds"),
            handler_durations: histogram("ignitia_handler_seconds"),
            connection_durations: histogram("ignitia_connection_seconds"),
        }
    }
}

/// Shows the route only: the handles are opaque.
impl fmt::Debug for RouteHandles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.route.fmt(f)
    }
}

/// Returns the counter of the handshakes with this outcome.
pub(super) fn handshakes(route: &Arc<str>, outcome: &'static str) -> Counter {
    counter!("ignitia_handshakes_total", "route" => route.clone(), "outcome" => outcome)
}

pub(super) fn seconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64()
}
