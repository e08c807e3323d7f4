//! The decision window: the time that a handler has before it is upgraded without a decision.

use std::time::Duration;

use ignitia::{FromRequestParts, prelude::*, testing::TestClient, websocket::WebSocketConfig};
use tokio::time::{Instant, sleep};

use crate::support::client;

/// Waits for so many milliseconds, and then sends or refuses.
async fn slow(Path((milliseconds, decision)): Path<(u64, String)>, ws: WebSocketConnection) -> Response {
    sleep(Duration::from_millis(milliseconds)).await;
    if decision == "refuse" {
        return Response::unauthorized("Invalid token");
    }
    ws.send_text("finally").await.ok();
    Response::ok()
}

fn router(window: Option<Duration>) -> TestClient {
    let config = WebSocketConfig::default().decision_window(window);
    client(Router::new().websocket("/{milliseconds}/{decision}", slow).websocket_config(config))
}

#[tokio::test(start_paused = true)]
async fn an_undecided_handler_is_upgraded_after_a_second() {
    let client = client(Router::new().websocket("/{milliseconds}/{decision}", slow));
    let started = Instant::now();
    let mut socket = client.connect("/3000/speak").await;
    assert_eq!(started.elapsed().as_millis(), 1000);
    assert_eq!(socket.recv_text().await, "finally");
    assert_eq!(started.elapsed().as_millis(), 3000);
    socket.expect_close(1000).await;
}

#[tokio::test(start_paused = true)]
async fn a_decision_within_the_window_counts_at_once() {
    let client = router(Some(Duration::from_secs(1)));
    let started = Instant::now();
    let mut socket = client.connect("/300/speak").await;
    assert_eq!(started.elapsed().as_millis(), 300);
    assert_eq!(socket.recv_text().await, "finally");
    let refused = client.request("/999/refuse").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::UNAUTHORIZED, "Invalid token".into()));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_the_window_is_a_close_code() {
    let mut socket = router(Some(Duration::from_millis(200))).connect("/300/refuse").await;
    assert_eq!(socket.expect_close(3000).await.reason, "Invalid token");
}

#[tokio::test(start_paused = true)]
async fn without_a_window_the_decision_is_waited_for() {
    let client = router(None).deadline(Duration::from_secs(3600));
    let started = Instant::now();
    let mut socket = client.connect("/60000/speak").await;
    assert_eq!(started.elapsed().as_secs(), 60);
    assert_eq!(socket.recv_text().await, "finally");
    let refused = client.request("/60000/refuse").rejection().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_is_no_decision() {
    async fn drops(ws: WebSocketConnection) -> Response {
        drop(ws);
        sleep(Duration::from_millis(500)).await;
        Response::forbidden("no")
    }
    let refused = client(Router::new().websocket("/ws", drops)).request("/ws").rejection().await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

/// An extractor that takes longer than the window, such as authentication.
struct SlowUser;

impl<S: Sync> FromRequestParts<S> for SlowUser {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, StatusCode> {
        let seconds = parts.uri.query().unwrap().parse().unwrap();
        sleep(Duration::from_secs(seconds)).await;
        Err(StatusCode::PAYMENT_REQUIRED)
    }
}

#[tokio::test(start_paused = true)]
async fn extractors_are_outside_the_window_and_bounded_by_the_handshake_timeout() {
    async fn user(_: SlowUser, _: WebSocketConnection) -> Response {
        Response::ok()
    }
    let client = client(Router::new().websocket("/ws", user)).deadline(Duration::from_secs(3600));
    let refused = client.request("/ws?9").rejection().await;
    assert_eq!(refused.status, StatusCode::PAYMENT_REQUIRED);
    let started = Instant::now();
    let late = client.request("/ws?11").rejection().await;
    assert_eq!(late.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(started.elapsed().as_secs(), 10);
}
