//! To the recorder, through the facade.

use std::{
    collections::HashMap,
    fmt, ptr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge,
    histogram,
};

use super::QueueDepths;
use crate::{close::CloseCause, time::now};

/// Tells the recorder what each metric is and in which unit, for what it shows to people (`# HELP` in Prometheus). To be called
/// once, when it is installed.
///
/// ```
/// // One that counts, such as that of metrics-exporter-prometheus.
/// metrics::set_global_recorder(metrics::NoopRecorder).expect("it is the first one");
/// ignitia::metrics::describe();
/// ```
pub fn describe() {
    describe_gauge!("ignitia_connections", Unit::Count, "WebSocket connections that are open");
    describe_counter!("ignitia_handshakes_total", Unit::Count, "WebSocket handshakes, by outcome");
    describe_counter!(
        "ignitia_connections_closed_total",
        Unit::Count,
        "WebSocket connections that ended, by cause and close code"
    );
    describe_counter!("ignitia_messages_total", Unit::Count, "text and binary messages");
    describe_counter!("ignitia_bytes_total", Unit::Bytes, "bytes of WebSocket frames");
    describe_gauge!(
        "ignitia_queued_messages",
        Unit::Count,
        "messages that wait for their handler or for the kernel"
    );
    describe_counter!("ignitia_dropped_messages_total", Unit::Count, "messages that were given up");
    describe_histogram!("ignitia_ping_seconds", Unit::Seconds, "round trips of keepalive pings");
    describe_histogram!("ignitia_handler_seconds", Unit::Seconds, "what handlers took for one message");
    describe_histogram!("ignitia_connection_seconds", Unit::Seconds, "how long connections were open");
}

/// Finding a metric by its name costs more than to count; so what was found is kept, for the recorder that there is.
static FOUND: LazyLock<Mutex<HashMap<Arc<str>, Arc<Handles>>>> = LazyLock::new(Mutex::default);

/// What is counted for the connections of one route.
#[derive(Clone)]
pub(crate) struct Metrics(Option<Arc<Handles>>);

struct Handles {
    route: Arc<str>,
    /// Where the recorder is that these are of.
    recorder: usize,
    upgraded: Counter,
    connections: Gauge,
    messages_in: Counter,
    messages_out: Counter,
    bytes_in: Counter,
    bytes_out: Counter,
    queued_in: Gauge,
    queued_out: Gauge,
    lagged: Counter,
    unsent: Counter,
    unhandled: Counter,
    pings: Histogram,
    calls: Histogram,
    lives: Histogram,
}

impl Metrics {
    pub(crate) fn of(route: &Arc<str>) -> Self {
        let recorder = metrics::with_recorder(|recorder| ptr::from_ref(recorder).addr());
        let found = || FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found().get(route).filter(|handles| handles.recorder == recorder).cloned();
        // The recorder is not ours: it is asked when nothing is locked.
        let handles = known.unwrap_or_else(|| {
            let handles = Arc::new(Handles::find(route, recorder));
            found().insert(route.clone(), handles.clone());
            handles
        });
        Self(Some(handles))
    }

    /// A handshake has come to this.
    pub(crate) fn refused(&self, why: &'static str) {
        if let Some(handles) = &self.0 {
            handshakes(&handles.route, why).increment(1);
        }
    }

    pub(crate) fn upgraded(&self) {
        if let Some(handles) = &self.0 {
            handles.upgraded.increment(1);
        }
    }

    pub(crate) fn opened(&self) {
        if let Some(handles) = &self.0 {
            handles.connections.increment(1);
        }
    }

    pub(crate) fn closed(&self, cause: &CloseCause, open_for: Duration, dropped: u64) {
        let Some(handles) = &self.0 else { return };
        handles.connections.decrement(1);
        handles.unsent.increment(cause.unsent as u64);
        handles.unhandled.increment(cause.unhandled as u64);
        handles.lagged.increment(dropped);
        handles.lives.record(open_for.as_secs_f64());
        counter!(
            "ignitia_connections_closed_total",
            "route" => handles.route.clone(),
            "cause" => cause.kind.as_str(),
            "code" => code(cause.frame.as_ref().map(|frame| frame.code)),
        )
        .increment(1);
    }

    /// A handler is called for a message: for as long as this is kept.
    pub(crate) fn call(&self) -> HandlerTimer {
        HandlerTimer { metrics: self.clone(), since: now() }
    }
}

impl Handles {
    fn find(route: &Arc<str>, recorder: usize) -> Self {
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
            queued_in: queued("in"),
            queued_out: queued("out"),
            lagged: counter("ignitia_dropped_messages_total", "reason", "lagged"),
            unsent: counter("ignitia_dropped_messages_total", "reason", "unsent"),
            unhandled: counter("ignitia_dropped_messages_total", "reason", "unhandled"),
            pings: histogram("ignitia_ping_seconds"),
            calls: histogram("ignitia_handler_seconds"),
            lives: histogram("ignitia_connection_seconds"),
        }
    }
}

fn handshakes(route: &Arc<str>, outcome: &'static str) -> Counter {
    counter!("ignitia_handshakes_total", "route" => route.clone(), "outcome" => outcome)
}

impl Default for Metrics {
    /// Counts nothing.
    fn default() -> Self {
        Self(None)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.0.as_ref().map(|handles| &handles.route)).finish()
    }
}

/// Runs while a handler is at a message.
#[derive(Debug)]
pub(crate) struct HandlerTimer {
    metrics: Metrics,
    since: Instant,
}

impl Drop for HandlerTimer {
    fn drop(&mut self) {
        if let Some(handles) = &self.metrics.0 {
            handles.calls.record(seconds(self.since, now()));
        }
    }
}

/// What a connection's transport has seen since it was last told.
#[derive(Debug)]
pub(crate) struct ConnectionMetrics {
    metrics: Metrics,
    messages_in: u64,
    messages_out: u64,
    bytes_in: u64,
    bytes_out: u64,
    /// As they were told.
    depths: QueueDepths,
    /// When the last ping went out, until it is answered.
    pinged: Option<Instant>,
}

impl ConnectionMetrics {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            metrics: metrics.clone(),
            messages_in: 0,
            messages_out: 0,
            bytes_in: 0,
            bytes_out: 0,
            depths: QueueDepths::default(),
            pinged: None,
        }
    }

    pub(crate) fn read(&mut self, bytes: usize) {
        self.bytes_in += bytes as u64;
    }

    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.bytes_out += bytes as u64;
    }

    pub(crate) fn received(&mut self) {
        self.messages_in += 1;
    }

    pub(crate) fn sent(&mut self, messages: usize) {
        self.messages_out += messages as u64;
    }

    pub(crate) fn pinged(&mut self, now: Instant) {
        self.pinged = Some(now);
    }

    /// The last ping was answered.
    pub(crate) fn ponged(&mut self, now: Instant) {
        if let (Some(handles), Some(since)) = (&self.metrics.0, self.pinged.take()) {
            handles.pings.record(seconds(since, now));
        }
    }

    /// Tells the recorder.
    pub(crate) fn report(&mut self, depths: impl FnOnce() -> QueueDepths) {
        let Some(handles) = &self.metrics.0 else { return };
        for (counter, count) in [
            (&handles.messages_in, &mut self.messages_in),
            (&handles.messages_out, &mut self.messages_out),
            (&handles.bytes_in, &mut self.bytes_in),
            (&handles.bytes_out, &mut self.bytes_out),
        ] {
            if *count > 0 {
                counter.increment(std::mem::take(count));
            }
        }
        let (before, depths) = (self.depths, depths());
        self.depths = depths;
        if depths.dropped > 0 {
            handles.lagged.increment(depths.dropped);
        }
        shift(&handles.queued_in, before.inbound, depths.inbound);
        shift(&handles.queued_out, before.outbound, depths.outbound);
    }
}

/// What waited has gone with the connection.
impl Drop for ConnectionMetrics {
    fn drop(&mut self) {
        self.report(QueueDepths::default);
    }
}

fn shift(gauge: &Gauge, from: usize, to: usize) {
    if from != to {
        gauge.increment(to as f64 - from as f64);
    }
}

fn seconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64()
}

/// Not one label for every code: a peer may choose among two thousand.
fn code(code: Option<u16>) -> &'static str {
    match code {
        None => "none",
        Some(1000) => "1000",
        Some(1001) => "1001",
        Some(1002) => "1002",
        Some(1003) => "1003",
        Some(1007) => "1007",
        Some(1008) => "1008",
        Some(1009) => "1009",
        Some(1010) => "1010",
        Some(1011) => "1011",
        Some(1012) => "1012",
        Some(1013) => "1013",
        Some(1014) => "1014",
        Some(3000) => "3000",
        Some(3003) => "3003",
        Some(3008) => "3008",
        Some(3000..=3999) => "3xxx",
        Some(_) => "4xxx",
    }
}
