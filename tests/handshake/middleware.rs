//! Middleware that replaces the body of the request, or the 101, or that takes the upgrade.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    middleware::{Next, from_fn, map_request, map_response},
    routing::get,
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

use crate::support::{Request as RawRequest, Running, echo, over_http1, transport};

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

/// A layer may be a proxy, which takes the upgrade and answers in place of the route. So may a page
/// beside a WebSocket, or whatever stands in a nested router.
#[tokio::test]
async fn whatever_is_no_websocket_of_ours_can_take_the_upgrade() {
    async fn take(mut request: Request) -> StatusCode {
        match request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>() {
            Some(_) => StatusCode::IM_A_TEAPOT,
            None => StatusCode::NOT_IMPLEMENTED,
        }
    }
    let layered = || {
        let layer = from_fn(|request: Request, _: Next| take(request));
        Router::new().websocket("/layered", echo).layer(layer).websocket("/ws/{name}", echo)
    };
    let beside = || layered().get("/ws/page", take).get("/page", take);
    let nested = || {
        let inner = layered().get("/page", take).fallback(take);
        layered().nest("/nested", inner).nest("/axum", axum::Router::new().route("/page", get(take)))
    };
    let nested_ours = || {
        let inner = layered().get("/page", take).fallback(take);
        Router::new().nest("/nested", inner).websocket("/nested/{name}/x", echo)
    };
    let merged = || layered().merge(axum::Router::new().route("/ws/page", get(take)));
    let answers = async |server: Running, paths: &[(&str, u16)]| {
        for (path, status) in paths {
            let (head, _socket) = server.ask(&RawRequest::upgrade(path)).await;
            assert_eq!(head.status, *status, "{path}");
        }
    };
    let layer = [("/layered", 418), ("/ws/a", 101)];
    over_http1(beside, async |server| {
        answers(server, &[&layer[..], &[("/ws/page", 418), ("/page", 418)]].concat()).await;
    })
    .await;
    over_http1(nested, async |server| {
        let inner = [("/nested/layered", 418), ("/nested/ws/a", 101), ("/nested/page", 418)];
        answers(server, &[&layer[..], &inner, &[("/nested/other", 418), ("/axum/page", 418)]].concat()).await;
    })
    .await;
    over_http1(nested_ours, async |server| {
        let inner = [("/nested/layered", 418), ("/nested/ws/a", 101), ("/nested/page", 418)];
        answers(server, &[&inner[..], &[("/nested/a/x", 101), ("/nested/other", 418)]].concat()).await;
    })
    .await;
    over_http1(merged, async |server| {
        answers(server, &[&layer[..], &[("/ws/page", 418)]].concat()).await;
    })
    .await;
}
