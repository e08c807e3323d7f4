//! Metrics for Prometheus: what Ignitia counts, at `/metrics`, beside the WebSocket.
//!
//! ```text
//! cargo run -p examples --bin metrics
//! curl localhost:3000/metrics
//! ```
//!
//! Put `/metrics` on a port of its own, or behind your proxy's rules, where not everybody shall read it.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, websocket_message_handler},
};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Upper bounds of the histograms' buckets, in seconds: from a fast handler to a long connection.
const BUCKETS: [f64; 9] = [0.000_1, 0.001, 0.01, 0.1, 1.0, 10.0, 60.0, 600.0, 3_600.0];

/// How often what histograms have collected is sorted into its buckets, if nobody asks for it.
const UPKEEP: Duration = Duration::from_secs(5);

async fn shout(ws: WebSocketConnection, message: Message) -> Result<Response> {
    if let Message::Text(text) = message {
        ws.send_text(text.to_uppercase()).await?;
    }
    Ok(Response::ok()) // go on
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    examples::init_logging();
    // Before the first connection: what is counted goes to the recorder that there is when a connection begins.
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
        // Labels are bounded; what is about one connection belongs into a log, or into a hook.
        .on_close(|closed| {
            if matches!(closed.cause.kind, CloseKind::WriteStall | CloseKind::Lagged) {
                tracing::warn!(connection = %closed.id, route = closed.route, after = ?closed.open_for, "too slow");
            }
        })
        .on_upgrade_failed(|failed| {
            tracing::info!(route = failed.route, why = failed.why.as_str(), peer = ?failed.peer, "refused");
        })
        .get("/metrics", move || async move {
            ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], prometheus.render())
        })
        .merge(examples::console("Metrics", "Messages come back in capitals. What was counted is at /metrics."));

    let server = Server::new(router, examples::address()?).bind().await?;
    examples::announce("http", server.local_addr());
    server.ignitia().await?;
    upkeep.abort();
    Ok(())
}
