//! Peers that leave before the handler has decided, with any bytes behind their handshake.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::join_all;
use ignitia::{prelude::*, websocket::WebSocketConfig};

use crate::support::{Departure, RawSocket, Request, Running, Transport, leave, text, until};

/// Guard that counts a running handler or extractor.
struct One(Arc<AtomicUsize>);

impl One {
    fn of(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Relaxed);
        Self(count.clone())
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// An extractor that never completes.
struct Slow;

impl<S: Sync> ignitia::FromRequestParts<S> for Slow {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let _one = One::of(parts.extensions.get().expect("a layer puts it there"));
        pending().await
    }
}

/// Returns routes whose handlers never decide, and the number of those that run.
fn router() -> (Router, Arc<AtomicUsize>) {
    let handlers = Arc::new(AtomicUsize::new(0));
    let counted = handlers.clone();
    let forever = WebSocketConfig {
        decision_window: None,
        handshake_timeout: Duration::from_secs(3_600),
        ..Default::default()
    };
    let late = WebSocketConfig { decision_window: Some(Duration::from_secs(3_600)), ..forever.clone() };
    let undecided = move |_ws: WebSocketConnection| {
        let one = One::of(&counted);
        async move {
            let _one = one;
            pending::<Response>().await
        }
    };
    let router = Router::new()
        .websocket_with("/never", undecided.clone(), forever.clone())
        .websocket_with("/late", undecided, late)
        .websocket_with("/slow", |_: Slow, _: WebSocketConnection| pending::<Response>(), forever)
        .layer(axum::Extension(handlers.clone()));
    (router, handlers)
}

/// Asks for an upgrade, and does not wait for the answer.
async fn ask(server: &Running, path: &str, behind: &[u8]) -> RawSocket {
    let mut socket = server.connect().await;
    socket.request(&Request::upgrade(path)).await;
    socket.send_until_stuck(behind).await;
    socket
}

#[tokio::test]
async fn handlers_end_when_an_undecided_peer_leaves() {
    // The last is more than hyper reads, but so little that the end still arrives behind it.
    let behind = [Vec::new(), b"\x81".to_vec(), text("early"), vec![0; 40_000]];
    for transport in [Transport::Plain, Transport::Tls, Transport::Http2] {
        println!("served by {transport:?}");
        let (router, handlers) = router();
        let server = transport.serve(router).await;
        let mut asked = Vec::new();
        for path in ["/never", "/late", "/slow"] {
            for goes in [Departure::Reset, Departure::Close, Departure::HalfClose] {
                // A stream of HTTP/2 that ends only in this direction still waits for its answer.
                if (transport, goes) != (Transport::Http2, Departure::HalfClose) {
                    let server = &server;
                    asked.extend(
                        behind.iter().map(|bytes| async move { (ask(server, path, bytes).await, goes) }),
                    );
                }
            }
        }
        let sockets = join_all(asked).await;
        until("all are undecided", || handlers.load(Relaxed) == sockets.len()).await;
        join_all(sockets.into_iter().map(|(socket, goes)| leave(socket, goes))).await;
        until("the handlers have ended", || handlers.load(Relaxed) == 0).await;
    }
}
