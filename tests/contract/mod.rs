//! The public contract, design section 4: every way of use as a user would write it.

mod axum_router;
mod batch_by_timeout;
mod batch_handler;
mod body;
mod chat;
mod clones;
mod closing;
mod decision_window;
mod echo;
mod errors;
mod extension;
mod extractors;
mod graceful_shutdown;
mod handlers;
mod health;
mod heartbeat;
mod json;
mod life_cycle;
mod message_handler;
mod messages;
mod names;
mod outcome_after;
mod outcome_before;
mod path;
mod query;
mod rate_limit;
mod request_head;
mod responses;
mod route_errors;
mod router;
mod running;
mod sending;
mod server;
mod state;
mod subprotocol;
mod tls;
mod token;

use std::time::Duration;

use ignitia::{IntoRouter, prelude::*, testing::TestClient};
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client of routes that are sound.
fn client(router: impl IntoRouter) -> TestClient {
    TestClient::new(router).unwrap()
}

/// The next thing that a handler under test has reported.
async fn next<T>(reports: &mut UnboundedReceiver<T>) -> T {
    let report = timeout(PATIENCE, reports.recv()).await.expect("no report within the deadline");
    report.expect("nobody is left to report")
}

fn text(text: &str) -> Message {
    Message::Text(text.into())
}

/// Does nothing of its own: for tests of what stands around a handler.
async fn until_closed(mut ws: WebSocketConnection) -> Response {
    while ws.recv().await.is_some() {}
    Response::ok()
}
