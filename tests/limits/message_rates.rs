//! Rates of messages and bytes that one connection may send.

use std::time::Duration;

use ignitia::{
    limits::Rate,
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, RateExceeded, WebSocketConfig},
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use crate::support::echo;

fn client(config: WebSocketConfig) -> TestClient {
    TestClient::new(Router::new().websocket_config(config).websocket("/", echo)).unwrap()
}

/// Ten at once, then one a second: for longer than a silent peer would be considered alive.
#[tokio::test(start_paused = true)]
async fn messages_above_the_rate_wait() {
    const MESSAGES: usize = 100;
    let rate = Rate::new(1, 10);
    let client = client(WebSocketConfig::default().message_rate(rate));
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(600));
    let start = Instant::now();
    for n in 0..MESSAGES {
        socket.send_text(n.to_string()).await;
    }
    for n in 0..MESSAGES {
        assert_eq!(socket.recv_text().await, n.to_string());
        let due = (n + 1).saturating_sub(11) as u64;
        let taken = start.elapsed().as_secs();
        assert!((due..=due + 1).contains(&taken), "message {n} after {taken} s");
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_above_the_rate_wait() {
    let rate = Rate::new(1_000, 10_000);
    let client = client(WebSocketConfig::default().byte_rate(rate));
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(600));
    let start = Instant::now();
    // A message that has arrived is delivered: the next one pays for it.
    socket.send_text("x".repeat(30_000)).await;
    socket.send_text("next").await;
    socket.recv_text().await;
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!(socket.recv_text().await, "next");
    assert_eq!(start.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_peer_above_the_rate_may_be_closed() {
    let rate = Rate::new(1, 3);
    for config in [
        WebSocketConfig::default().message_rate(rate),
        WebSocketConfig::default().byte_rate(Rate::new(10, 12)),
    ] {
        let client = client(config.on_rate_exceeded(RateExceeded::Close));
        let mut socket = client.connect("/").await;
        for _ in 0..4 {
            socket.send_text("four").await;
        }
        for _ in 0..3 {
            assert_eq!(socket.recv_text().await, "four");
        }
        socket.expect_close(1008).await;
    }
}

/// Pings are no messages.
#[tokio::test(start_paused = true)]
async fn pings_are_not_counted() {
    let rate = Rate::new(1, 1);
    let client = client(WebSocketConfig::default().message_rate(rate));
    let mut socket = client.connect("/").await;
    let start = Instant::now();
    for n in 0..50u8 {
        socket.send(Message::Ping(vec![n].into())).await;
        assert_eq!(socket.recv().await, Some(Message::Pong(vec![n].into())));
    }
    assert_eq!(start.elapsed().as_secs(), 0);
}

/// Nothing is read from the peer meanwhile: only writing reveals that it has left.
#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_while_it_has_to_wait_is_noticed() {
    let rate = Rate::new(1, 1);
    let config = WebSocketConfig::default().byte_rate(rate);
    let (tell, mut told) = mpsc::unbounded_channel();
    let handler = move |ws: WebSocketConnection| {
        let tell = tell.clone();
        async move {
            ws.accept().await?;
            tell.send(ws.closed().await).unwrap();
            Ok::<_, Error>(Response::ok())
        }
    };
    let router = Router::new().websocket_config(config).websocket("/", handler);
    let mut socket = TestClient::new(router).unwrap().connect("/").await;
    // Ten minutes' worth.
    socket.send_text("x".repeat(600)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    socket.reset();
    let cause = timeout(Duration::from_secs(60), told.recv()).await.expect("two pings are enough").unwrap();
    assert_eq!(cause.kind, CloseKind::Lost);
}
