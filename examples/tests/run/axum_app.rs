//! Tests of `axum_app.rs`.

use crate::running_example::RunningExample;

#[tokio::test]
async fn connections_receive_every_count() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_axum_app")).await;
    example.check_page("<h1>Counter</h1>").await;
    let mut first = example.connect("/ws").await;
    assert_eq!(first.text().await, "0");
    let (head, _) = example.http("POST", "/count", "", "").await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(first.text().await, "1");
    assert_eq!(example.get("/count").await, "1");
    let mut second = example.connect("/ws").await;
    assert_eq!(second.text().await, "1");
    second.close().await;
    example.stop([first]).await;
}
