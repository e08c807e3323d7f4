//! Tests of `batch.rs`.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::running_example::RunningExample;

#[tokio::test]
async fn messages_are_stored_by_size_or_after_the_timeout() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_batch")).await;
    example.check_page("<h1>Batches</h1>").await;
    let mut client = example.connect("/ws").await;

    // By size: a full batch is stored at once.
    for number in 0..5 {
        client.send(number.to_string()).await;
    }
    assert_eq!(client.json().await, json!({ "stored": 5 }));

    // By timeout: half a second after the first message, and not earlier.
    let begun = Instant::now();
    client.send("a").await;
    client.send("b").await;
    assert_eq!(client.json().await, json!({ "stored": 2 }));
    assert!(begun.elapsed() >= Duration::from_millis(450), "{:?}", begun.elapsed());

    // A pending batch does not delay the closing handshake.
    let mut leaving = example.connect("/ws").await;
    leaving.send("last words").await;
    leaving.close().await;

    example.stop([client]).await;
}
