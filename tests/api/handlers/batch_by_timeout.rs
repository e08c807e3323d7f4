//! Batches collected by the handler, with `timeout` around `recv`.

use std::time::Duration;

use ignitia::prelude::*;
use tokio::time::{Instant, sleep, timeout};

use crate::support::client;

const BATCH_SIZE: usize = 10;
const TIMEOUT: Duration = Duration::from_millis(50);

async fn high_throughput(mut ws: WebSocketConnection) -> Response {
    let mut buffer = Vec::new();
    loop {
        match timeout(TIMEOUT, ws.recv()).await {
            Ok(Some(message)) => {
                buffer.push(message);
                if buffer.len() >= BATCH_SIZE {
                    process_batch(&mut ws, &mut buffer).await;
                }
            }
            Ok(None) => break,
            Err(_) => {
                if !buffer.is_empty() {
                    process_batch(&mut ws, &mut buffer).await;
                }
            }
        }
    }
    Response::ok()
}

async fn process_batch(ws: &mut WebSocketConnection, messages: &mut Vec<Message>) {
    let texts: Vec<String> =
        messages.drain(..).filter_map(|message| message.as_text().map(str::to_owned)).collect();
    ws.send_json(&texts).await.ok();
}

/// The sleep moves the paused clock past many timeouts.
#[tokio::test(start_paused = true)]
async fn full_batches_go_at_once_and_the_rest_after_the_timeout() {
    let mut socket = client(Router::new().websocket("/ws", high_throughput)).connect("/ws").await;
    sleep(Duration::from_millis(1020)).await;
    let started = Instant::now();
    for n in 0..25 {
        socket.send_text(n.to_string()).await;
    }
    let batch = |numbers: std::ops::Range<u32>| numbers.map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(socket.recv_json::<Vec<String>>().await, batch(0..10));
    assert_eq!(socket.recv_json::<Vec<String>>().await, batch(10..20));
    assert_eq!(started.elapsed().as_millis(), 0);
    assert_eq!(socket.recv_json::<Vec<String>>().await, batch(20..25));
    assert_eq!(started.elapsed(), TIMEOUT);
}

/// Each message arrives exactly when a timeout drops `recv`; none is lost.
#[tokio::test(start_paused = true)]
async fn a_timeout_loses_no_message() {
    let mut socket = client(Router::new().websocket("/ws", high_throughput)).connect("/ws").await;
    let mut received = Vec::new();
    for n in 0..20 {
        sleep(TIMEOUT).await;
        socket.send_text(n.to_string()).await;
    }
    while received.len() < 20 {
        received.extend(socket.recv_json::<Vec<String>>().await);
    }
    assert_eq!(received, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
}
