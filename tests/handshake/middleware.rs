//! Middleware that replaces the body of the request, or the 101.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    middleware::{map_request, map_response},
};
use ignitia::{
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    io::AsyncWriteExt,
    sync::mpsc::unbounded_channel,
    time::{Instant, timeout},
};

use crate::support::{echo, transport};

/// Wraps the body, as layers for compression, limits and logging do. The wrapper does not know
/// beforehand that it is empty.
async fn rewrap(request: Request) -> Request {
    request.map(|body| Body::from_stream(body.into_data_stream()))
}

#[tokio::test]
async fn a_request_body_that_middleware_wraps_still_counts_as_empty() {
    let router = Router::new().websocket("/", echo).layer(map_request(rewrap));
    let client = TestClient::new(router).unwrap();
    let mut socket = client.connect("/").await;
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "hello");
    // A body that is not empty is refused as before.
    let refused = client.request("/").body("text/plain", "not read").rejection().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

/// The handler has decided, and its 101 never leaves. The HTTP connection stays open all the while.
#[tokio::test(start_paused = true)]
async fn a_handler_whose_101_was_replaced_learns_of_it() {
    let (log, mut end) = unbounded_channel();
    let router = Router::new()
        .websocket("/", move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                assert_eq!(ws.recv().await, None);
                assert!(ws.send_text("x").await.unwrap_err().is_closed());
                log.send(ws.closed().await.kind).unwrap();
                Response::ok()
            }
        })
        .layer(map_response(|_: Response| async { StatusCode::IM_A_TEAPOT }));
    let (mut client, transport) = tokio::io::duplex(1 << 16);
    tokio::spawn(transport::serve(router, transport));
    let start = Instant::now();
    client.write_all(transport::HANDSHAKE).await.unwrap();
    let head = transport::head(&mut client).await;
    assert!(head.starts_with("HTTP/1.1 418"), "{head}");
    let end = timeout(Duration::from_secs(60), end.recv()).await;
    assert_eq!(end.expect("the handler does not learn of it"), Some(CloseKind::NotUpgraded));
    assert!(start.elapsed() <= WebSocketConfig::default().handshake_timeout, "{:?}", start.elapsed());
}
