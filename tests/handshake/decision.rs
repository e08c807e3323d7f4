//! The decision of the handler, before the upgrade.

use std::time::Duration;

use ignitia::{
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{io::AsyncWriteExt, sync::mpsc::unbounded_channel, time::Instant};

use crate::support::{client_of, forever, route, transport};

#[tokio::test(start_paused = true)]
async fn an_undecided_handler_is_upgraded_when_the_window_ends() {
    let client = client_of(WebSocketConfig::default(), |_ws: WebSocketConnection| async move {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Response::forbidden("too late for a 403")
    });
    let start = Instant::now();
    let mut socket = client.connect("/").await;
    assert_eq!(start.elapsed().as_secs(), 1);
    assert_eq!(socket.expect_close(3003).await.reason, "too late for a 403");
}

/// A server may poll the connection in one task first and in another one then, as a `select!`
/// before a spawn does.
#[tokio::test(start_paused = true)]
async fn the_window_ends_wherever_the_connection_is_polled() {
    let router = Router::new().websocket("/", |ws: WebSocketConnection| async move {
        let _ws = ws;
        forever().await
    });
    let (mut client, transport) = tokio::io::duplex(1 << 16);
    let start = Instant::now();
    client.write_all(transport::HANDSHAKE).await.unwrap();
    let mut connection = Box::pin(transport::serve(router, transport));
    let here = tokio::time::timeout(Duration::from_millis(100), &mut connection).await;
    assert!(here.is_err(), "the connection is over");
    tokio::spawn(connection);
    let head = tokio::time::timeout(Duration::from_secs(60), transport::head(&mut client)).await;
    assert!(head.expect("no answer").starts_with("HTTP/1.1 101"));
    assert_eq!(start.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_window_the_decision_is_waited_for() {
    let config = WebSocketConfig::default().decision_window(None);
    let client = client_of(config, |_ws: WebSocketConnection| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Response::forbidden("in time")
    });
    let refused = client.deadline(Duration::from_secs(120)).request("/").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::FORBIDDEN, "in time".into()));
}

#[tokio::test]
async fn dropping_the_last_handle_decides_nothing() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        drop(ws);
        tokio::task::yield_now().await;
        Response::not_found("no such room")
    });
    assert_eq!(client.request("/").rejection().await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn messages_before_the_101_are_not_lost() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.send_text("first").await.unwrap();
        ws.try_send(Message::from("second")).unwrap();
        Response::unauthorized("not before the upgrade any more")
    });
    let mut socket = client.connect("/").await;
    assert_eq!(socket.recv_text().await, "first");
    assert_eq!(socket.recv_text().await, "second");
    socket.expect_close(3000).await;
}

#[tokio::test]
async fn a_panic_before_the_upgrade_is_a_500_with_an_empty_body() {
    let client = client_of(WebSocketConfig::default(), |_ws: WebSocketConnection| async move {
        if true {
            panic!("secret");
        }
        Response::ok()
    });
    let refused = client.request("/").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
}

/// The handler had sent something: that was the decision.
#[tokio::test]
async fn a_panic_right_after_a_send_loses_nothing() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.send_text("last words").await.unwrap();
        if true {
            panic!("secret");
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    assert_eq!(socket.recv_text().await, "last words");
    assert_eq!(socket.expect_close(1011).await.reason, "");
}

#[tokio::test]
async fn an_error_before_the_upgrade_is_a_500_with_an_empty_body() {
    let client = client_of(WebSocketConfig::default(), |_ws: WebSocketConnection| async move {
        let secret: Result<u8> = serde_json::from_str("secret").map_err(Error::from);
        secret.map(|number| number.to_string())
    });
    let refused = client.request("/").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::INTERNAL_SERVER_ERROR, String::new()));
}

/// A peer that leaves before the decision cancels the handler, and clones of its handle learn of
/// it.
#[tokio::test]
async fn a_peer_that_leaves_before_the_decision_cancels_the_handler() {
    let (log, mut handles) = unbounded_channel();
    let config = WebSocketConfig::default().decision_window(None);
    let client = client_of(config, move |ws: WebSocketConnection| {
        log.send(ws.clone()).unwrap();
        forever()
    });
    let request = tokio::spawn(async move { client.request("/").connect().await });
    let ws = handles.recv().await.unwrap();
    request.abort();
    let cause = ws.closed().await;
    assert_eq!(cause.kind, CloseKind::NotUpgraded);
    assert!(ws.send_text("x").await.unwrap_err().is_closed());
}

/// hyper does not see the end of a peer that has sent bytes behind its handshake, and other servers
/// have no other way to see it.
#[tokio::test(start_paused = true)]
async fn a_decision_without_a_window_may_take_an_hour() {
    let (log, mut handles) = unbounded_channel();
    let config = WebSocketConfig::default().decision_window(None);
    let router = route(config, move |ws: WebSocketConnection| {
        log.send(ws.clone()).unwrap();
        forever()
    });
    let (mut client, transport) = tokio::io::duplex(1 << 16);
    let connection = tokio::spawn(transport::serve(router, transport));
    client.write_all(&[transport::HANDSHAKE, b"\x81"].concat()).await.unwrap();
    let ws = handles.recv().await.unwrap();
    let start = Instant::now();
    drop(client);
    tokio::time::timeout(Duration::from_secs(7_200), ws.closed()).await.expect("it is waited for ever");
    assert_eq!(start.elapsed().as_secs(), 3_600);
    connection.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn slow_extractors_are_a_503() {
    struct Slow;
    impl<S: Sync> ignitia::FromRequestParts<S> for Slow {
        type Rejection = std::convert::Infallible;
        async fn from_request_parts(_: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
            std::future::pending().await
        }
    }
    let router = Router::new().websocket("/", |_: Slow, _: WebSocketConnection| forever());
    let client = TestClient::new(router).unwrap().deadline(Duration::from_secs(60));
    let start = Instant::now();
    let refused = client.request("/").rejection().await;
    assert_eq!((refused.status, start.elapsed().as_secs()), (StatusCode::SERVICE_UNAVAILABLE, 10));
}

/// 1xx, 2xx, text and close frames are no refusals: they upgrade and close.
#[tokio::test]
async fn a_handler_that_ends_early_and_refuses_nothing_is_upgraded_and_closed() {
    let text = client_of(WebSocketConfig::default(), |_ws: WebSocketConnection| async { "done" });
    text.connect("/").await.expect_close(1000).await;
    let frame = client_of(WebSocketConfig::default(), |_ws: WebSocketConnection| async {
        CloseFrame { code: 4004, reason: "no such room".into() }
    });
    assert_eq!(frame.connect("/").await.expect_close(4004).await.reason, "no such room");
}
