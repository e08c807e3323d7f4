//! The semantics of sessions: design section 5.

mod aborts;
mod backpressure;
mod bodies;
mod cancellation;
mod causes;
mod close;
mod decision;
mod drain;
mod drain_of_many;
mod expiry;
mod fairness;
mod foreign_code;
mod freezes;
mod halves;
mod handles;
mod idle;
mod keepalive;
mod kept_alive;
mod many_senders;
mod notice;
pub(crate) mod over;
mod rest;
mod slow_peers;
mod stalls;
mod timeouts;
mod turns;
mod unread;
mod writes;

use std::future::Future;

use ignitia::{prelude::*, testing::TestClient, websocket::WebSocketConfig};
use tokio::sync::mpsc;

/// A handler's future that waits for ever.
async fn forever() -> Response {
    std::future::pending().await
}

/// A client of one handler at `/`.
fn client<F, Fut, R>(config: WebSocketConfig, handler: F) -> TestClient
where
    F: Fn(WebSocketConnection) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    TestClient::new(router(config, handler)).unwrap()
}

/// Routes with one handler at `/`.
fn router<F, Fut, R>(config: WebSocketConfig, handler: F) -> Router
where
    F: Fn(WebSocketConnection) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    let handler = move |ws: WebSocketConnection| {
        let session = handler(ws);
        async move { session.await.into_response() }
    };
    Router::new().websocket("/", handler).websocket_config(config)
}

/// What happens in a handler, told to the test.
fn journal<T>() -> (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    mpsc::unbounded_channel()
}

async fn echo(mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        if message.is_data() && ws.send(message).await.is_err() {
            break;
        }
    }
    Response::ok()
}

/// A small deterministic source of numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}
