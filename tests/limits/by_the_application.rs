//! A rate limiter in the receive loop of a handler.

use std::{collections::VecDeque, time::Duration};

use ignitia::prelude::*;
use tokio::time::{Instant, sleep};

use crate::support::client;

struct RateLimiter {
    requests: VecDeque<Instant>,
    max_requests: usize,
    window: Duration,
}

impl RateLimiter {
    fn new(max_requests: usize, window: Duration) -> Self {
        Self { requests: VecDeque::new(), max_requests, window }
    }

    fn is_allowed(&mut self) -> bool {
        let now = Instant::now();
        while self.requests.front().is_some_and(|oldest| now.duration_since(*oldest) > self.window) {
            self.requests.pop_front();
        }
        let allowed = self.requests.len() < self.max_requests;
        if allowed {
            self.requests.push_back(now);
        }
        allowed
    }
}

async fn rate_limited(mut ws: WebSocketConnection) -> Response {
    let mut limiter = RateLimiter::new(3, Duration::from_secs(10));
    while let Some(message) = ws.recv().await {
        if !limiter.is_allowed() {
            ws.send_text("Rate limit exceeded").await.ok();
            continue;
        }
        if message.is_data() {
            ws.send(message).await.ok();
        }
    }
    Response::ok()
}

/// The sleep sets the time of each message: the clock is paused.
#[tokio::test(start_paused = true)]
async fn messages_above_the_limit_are_refused_until_time_has_passed() {
    let mut socket = client(Router::new().websocket("/ws", rate_limited)).connect("/ws").await;
    for _ in 0..2 {
        for n in 0..5 {
            socket.send_text(n.to_string()).await;
        }
        for answer in ["0", "1", "2", "Rate limit exceeded", "Rate limit exceeded"] {
            assert_eq!(socket.recv_text().await, answer);
        }
        sleep(Duration::from_secs(11)).await;
    }
}
