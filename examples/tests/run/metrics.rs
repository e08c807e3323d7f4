//! Tests of `metrics.rs`.

use crate::{deadline::within, running_example::RunningExample};

#[tokio::test]
async fn connections_and_messages_are_counted() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_metrics")).await;
    example.check_page("<h1>Metrics</h1>").await;
    let mut client = example.connect("/ws").await;
    client.send("quiet").await;
    assert_eq!(client.text().await, "QUIET");
    let (head, _) = example.http("GET", "/ws", "", "").await;
    assert!(head.starts_with("HTTP/1.1 426 "), "{head}");

    // Counts are published when the connection task is idle, perhaps after the reply has arrived.
    let shown = async |lines: &[&str]| {
        let shown = async {
            loop {
                let metrics = example.get("/metrics").await;
                if lines.iter().all(|line| metrics.lines().any(|shown| shown == *line)) {
                    return metrics;
                }
            }
        };
        within(shown).await
    };
    let metrics = shown(&[
        r#"ignitia_connections{route="/ws"} 1"#,
        r#"ignitia_handshakes_total{route="/ws",outcome="upgraded"} 1"#,
        r#"ignitia_handshakes_total{route="/ws",outcome="not_websocket"} 1"#,
        r#"ignitia_messages_total{route="/ws",direction="in"} 1"#,
        r#"ignitia_messages_total{route="/ws",direction="out"} 1"#,
        r#"ignitia_handler_seconds_count{route="/ws"} 1"#,
    ])
    .await;
    assert!(metrics.contains("# HELP ignitia_connections WebSocket connections that are open"), "{metrics}");
    assert!(metrics.contains(r#"ignitia_handler_seconds_bucket{route="/ws",le="+Inf"} 1"#), "{metrics}");

    client.close().await;
    shown(&[
        r#"ignitia_connections{route="/ws"} 0"#,
        r#"ignitia_connections_closed_total{route="/ws",cause="peer",code="none"} 1"#,
    ])
    .await;
    let client = example.connect("/ws").await;
    example.stop([client]).await;
}
