//! Hooks of a router: every end is reported once.

use std::time::Duration;

use ignitia::{
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, HandshakeFailure, WebSocketConfig},
};
use tokio::{sync::mpsc, time::timeout};

use super::router;
use crate::support::{Request, everywhere};

/// Report of a hook.
#[derive(Debug, PartialEq)]
enum Told {
    Closed { route: String, kind: CloseKind, code: Option<u16> },
    Failed { route: String, why: HandshakeFailure, status: Option<u16>, has_peer: bool },
}

fn closed(kind: CloseKind, code: Option<u16>) -> Told {
    Told::Closed { route: "/api/ends/{how}".into(), kind, code }
}

fn failed(why: HandshakeFailure, status: Option<u16>) -> Told {
    Told::Failed { route: "/api/ends/{how}".into(), why, status, has_peer: true }
}

fn told(router: Router) -> (Router, mpsc::UnboundedReceiver<Told>) {
    let (tell, told) = mpsc::unbounded_channel();
    let also = tell.clone();
    let router = router
        .on_close(move |end| {
            let (route, code) = (end.route.to_owned(), end.cause.frame.as_ref().map(|frame| frame.code));
            tell.send(Told::Closed { route, kind: end.cause.kind, code }).unwrap();
        })
        .on_handshake_failed(move |end| {
            let (route, status) = (end.route.to_owned(), end.status.map(|status| status.as_u16()));
            also.send(Told::Failed { route, why: end.reason, status, has_peer: end.peer.is_some() }).unwrap();
        });
    (router, told)
}

async fn next(told: &mut mpsc::UnboundedReceiver<Told>) -> Told {
    timeout(Duration::from_secs(10), told.recv()).await.expect("the hook is called").unwrap()
}

#[tokio::test]
async fn every_end_is_reported_over_every_transport() {
    let (tell, mut receivers) = mpsc::unbounded_channel();
    let routes = || {
        let (router, told) = told(router());
        tell.send(told).unwrap();
        router
    };
    everywhere(routes, async |server| {
        let mut told = receivers.recv().await.unwrap();
        let has_peer = server.transport != crate::support::Transport::Axum;
        let mut socket = server.open("/api/ends/returns").await;
        socket.expect_close(1000).await;
        socket.send(&crate::support::close(1000, "")).await;
        assert_eq!(next(&mut told).await, closed(CloseKind::Local, Some(1000)));
        let (head, _) = server.ask(&Request::upgrade("/api/ends/refuses")).await;
        assert_eq!(head.status, 401);
        let route = "/api/ends/{how}".to_owned();
        let expected = Told::Failed { route, why: HandshakeFailure::Handler, status: Some(401), has_peer };
        assert_eq!(next(&mut told).await, expected);
        assert!(told.try_recv().is_err(), "nothing is told twice");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn aborts_and_clients_that_left_are_reported() {
    let config = WebSocketConfig::default().decision_window(None);
    let (router, mut told) = told(router().websocket_config(config));
    let client = TestClient::new(router).unwrap();
    assert!(timeout(Duration::from_secs(1), client.request("/api/ends/waits").connect()).await.is_err());
    assert_eq!(next(&mut told).await, failed(HandshakeFailure::ClientLeft, None));
    let mut open = client.connect("/api/ends/listens").await;
    client.shutdown().abort();
    open.expect_close(1001).await;
    assert_eq!(next(&mut told).await, closed(CloseKind::Aborted, Some(1001)));
    assert!(told.try_recv().is_err(), "nothing is told twice");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_harms_no_connection() {
    let router = router().on_close(|_| panic!("a hook")).on_handshake_failed(|_| panic!("another hook"));
    let client = TestClient::new(router).unwrap();
    for _ in 0..2 {
        assert_eq!(client.request("/api/ends/refuses").rejection().await.status, 401);
        let mut socket = client.connect("/api/ends/returns").await;
        socket.expect_close(1000).await;
        socket.expect_end().await;
    }
    assert_eq!(client.shutdown().drain().await.aborted, 0);
}

#[tokio::test(start_paused = true)]
async fn a_nested_router_has_its_own_hooks() {
    let (inner, mut from_inner) = told(Router::new().websocket("/ends/{how}", super::ends));
    let (outer, mut from_outer) =
        told(Router::new().nest("/api", inner).websocket("/outer/{how}", super::ends));
    let client = TestClient::new(outer).unwrap();
    assert_eq!(client.request("/api/ends/refuses").rejection().await.status, 401);
    assert_eq!(next(&mut from_inner).await, failed(HandshakeFailure::Handler, Some(401)));
    assert_eq!(client.request("/outer/refuses").rejection().await.status, 401);
    let route = "/outer/{how}".to_owned();
    let expected = Told::Failed { route, why: HandshakeFailure::Handler, status: Some(401), has_peer: true };
    assert_eq!(next(&mut from_outer).await, expected);
    assert!(from_inner.try_recv().is_err() && from_outer.try_recv().is_err());
}
