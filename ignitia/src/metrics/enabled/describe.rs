use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Describes each metric and its unit to the recorder, for its users (`# HELP` in Prometheus). Call
/// it once, after the recorder is installed.
///
/// ```
/// // A real recorder, such as that of metrics-exporter-prometheus.
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
    describe_counter!(
        "ignitia_uncompressed_bytes_total",
        Unit::Bytes,
        "bytes of WebSocket frames as they would be without compression"
    );
    describe_gauge!(
        "ignitia_queued_messages",
        Unit::Count,
        "messages that wait for their handler or for the kernel"
    );
    describe_counter!("ignitia_dropped_messages_total", Unit::Count, "messages that were dropped");
    describe_histogram!("ignitia_ping_seconds", Unit::Seconds, "round trips of keepalive pings");
    describe_histogram!(
        "ignitia_handler_seconds",
        Unit::Seconds,
        "duration of handler calls for one message"
    );
    describe_histogram!("ignitia_connection_seconds", Unit::Seconds, "duration of connections");
    #[cfg(feature = "redis")]
    describe_engine();
}

#[cfg(feature = "redis")]
fn describe_engine() {
    describe_gauge!("ignitia_engine_up", Unit::Count, "1 while the engine of the rooms is up");
    describe_counter!("ignitia_engine_outages_total", Unit::Count, "outages of the engine, by cause");
    describe_gauge!("ignitia_engine_queued_messages", Unit::Count, "broadcasts that wait for the engine");
    describe_counter!("ignitia_engine_published_total", Unit::Count, "broadcasts that the engine has taken");
    describe_histogram!("ignitia_engine_publish_seconds", Unit::Seconds, "time until the engine has a batch");
    describe_counter!("ignitia_engine_refused_total", Unit::Count, "broadcasts that were refused");
    describe_counter!("ignitia_engine_received_total", Unit::Count, "items that the engine has told");
    describe_counter!("ignitia_engine_healed_total", Unit::Count, "messages that were read from a history");
    describe_counter!("ignitia_engine_missed_total", Unit::Count, "messages that are lost for the members");
    describe_counter!("ignitia_engine_lost_histories_total", Unit::Count, "gaps in histories of rooms");
    describe_histogram!(
        "ignitia_engine_resubscribe_seconds",
        Unit::Seconds,
        "time until all rooms are heard again"
    );
}
