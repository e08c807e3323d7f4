//! Shows metrics for Prometheus: the server exports Ignitia's counters at `/metrics`.
//!
//! ```text
//! cargo run -p examples --bin metrics
//! curl localhost:3000/metrics
//! ```
//!
//! Open <http://127.0.0.1:3000>, send messages, and read <http://127.0.0.1:3000/metrics>. To keep
//! the metrics private, serve `/metrics` on a port of its own or restrict it in your proxy.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, websocket_message_handler},
};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Upper bounds of the histograms' buckets, in seconds, from a fast handler to a long connection.
const BUCKETS: [f64; 9] = [0.000_1, 0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0];

/// Time between two runs that sort collected samples into their buckets. A scrape does it, too.
const UPKEEP: Duration = Duration::from_secs(5);

async fn shout(ws: WebSocketConnection, message: Message) -> Result<Response> {
    if let Message::Text(text) = message {
        ws.send_text(text.to_uppercase()).await?;
    }
    Ok(Response::ok()) // keep the connection open
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    examples::init_logging();
    // Before the first connection: a connection counts with the recorder that is installed when
    // it opens.
    let prometheus = PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?;
    ignitia::metrics::describe();

    let upkeep = prometheus.clone();
    let upkeep = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            upkeep.run_upkeep();
        }
    });

    let router = Router::new()
        .websocket("/ws", websocket_message_handler(shout))
        // Labels must have few values. Facts about one connection belong in a log or a hook.
        .on_close(|closed| {
            if matches!(closed.cause.kind, CloseKind::WriteStall | CloseKind::Lagged) {
                tracing::warn!(connection = %closed.id, route = closed.route, after = ?closed.open_for, "too slow");
            }
        })
        .on_handshake_failed(|failed| {
            tracing::info!(route = failed.route, reason = failed.reason.as_str(), peer = ?failed.peer, "refused");
        })
        .get("/metrics", move || async move {
            ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
        })
        .merge(examples::console("Metrics", "Messages are echoed in capitals, and counted. Send some, and read <a href=\"/metrics\">the metrics</a>."));

    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await?;
    upkeep.abort();
    Ok(())
}
