//! Peers that leave before the handler has decided, with any bytes behind their handshake.

use std::{future::pending, time::Duration};

use futures_util::future::join_all;
use ignitia::{prelude::*, websocket::WebSocketConfig};

use crate::support::{Departure, RawSocket, Request, Running, RunningCount, Transport, leave, text, until};

/// An extractor that never completes.
struct Slow;

impl<S: Sync> ignitia::FromRequestParts<S> for Slow {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let _one = parts.extensions.get::<RunningCount>().expect("the router puts it there").guard();
        pending().await
    }
}

/// Returns routes whose handlers never decide, and the number of those that run. With a layer, it
/// is hyper that reads the requests.
fn router(is_layered: bool) -> (Router, RunningCount) {
    let handlers = RunningCount::default();
    let counted = handlers.clone();
    let forever =
        WebSocketConfig::default().decision_window(None).handshake_timeout(Duration::from_secs(3_600));
    let late = forever.clone().decision_window(Duration::from_secs(3_600));
    let undecided = move |_ws: WebSocketConnection| {
        let one = counted.guard();
        async move {
            let _one = one;
            pending::<Response>().await
        }
    };
    let router = Router::new()
        .websocket_with("/never", undecided.clone(), forever.clone())
        .websocket_with("/late", undecided, late)
        .websocket_with("/slow", |_: Slow, _: WebSocketConnection| pending::<Response>(), forever)
        .extension(handlers.clone());
    let router = if is_layered { router.layer(Extension(())) } else { router };
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
    for (transport, is_layered) in [
        (Transport::Plain, false),
        (Transport::Plain, true),
        (Transport::Tls, false),
        (Transport::Tls, true),
        (Transport::Http2, false),
    ] {
        println!("served by {transport:?}, with a layer: {is_layered}");
        let (router, handlers) = router(is_layered);
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
        until("all are undecided", || handlers.get() == sockets.len()).await;
        join_all(sockets.into_iter().map(|(socket, goes)| leave(socket, goes))).await;
        until("the handlers have ended", || handlers.get() == 0).await;
    }
}
