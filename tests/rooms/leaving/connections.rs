//! Ends of the connection itself.

use std::time::Duration;

use ignitia::{
    DrainConfig, Shutdown,
    prelude::*,
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc;

use super::{client, has_left, is_in, stay};
use crate::{
    rooms::{Connector, Tell, counts},
    support::until,
};

#[tokio::test]
async fn a_connection_leaves_by_the_peers_close() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), stay);
    let mut socket = client.connect("/").await;
    is_in(&rooms).await;
    socket.close(1000, "bye").await;
    socket.expect_close(1000).await;
    has_left(&rooms).await;
}

#[tokio::test]
async fn a_connection_leaves_by_a_lost_transport() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), stay);
    for reset in [false, true] {
        let socket = client.connect("/").await;
        is_in(&rooms).await;
        if reset {
            socket.reset()
        } else {
            drop(socket)
        }
        has_left(&rooms).await;
    }
}

/// The handler neither ends nor drops its memberships: the end of the connection suffices.
#[tokio::test]
async fn a_connection_leaves_at_its_end_although_the_handler_goes_on() {
    let rooms = Rooms::<Tell>::new();
    let (log, mut kept) = mpsc::unbounded_channel();
    let client = client(&rooms, WebSocketConfig::default(), move |rooms, ws| {
        let log = log.clone();
        async move {
            let one = rooms.join("one", &ws).unwrap();
            let two = rooms.join("two", &ws).unwrap();
            log.send((one, two)).unwrap();
            std::future::pending::<Response>().await
        }
    });
    let mut socket = client.connect("/").await;
    let (one, mut two) = kept.recv().await.unwrap();
    is_in(&rooms).await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    has_left(&rooms).await;
    // The remaining memberships do no harm.
    assert!(one.is_empty());
    assert_eq!(counts(one.broadcast(&Tell::number(0)).unwrap()), (0, 0, 0));
    one.set_presence(());
    two.leave();
    assert!(rooms.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_leaves_by_a_drain() {
    const CONNECTIONS: usize = 50;
    let rooms = Rooms::<Tell>::new();
    let state = rooms.clone();
    let router = Router::new()
        .websocket("/", move |ws: WebSocketConnection| stay(state.clone(), ws))
        .shutdown(Shutdown::with_config(DrainConfig::default()));
    let client = TestClient::new(router).unwrap();
    let shutdown = client.shutdown();
    let mut peers = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut socket = client.connect("/").await;
        peers.spawn(async move { socket.expect_close(1001).await });
    }
    until("all are in", || rooms.room("two").len() == CONNECTIONS).await;
    let report = shutdown.drain().await;
    assert_eq!((report.clean, report.aborted), (CONNECTIONS, 0));
    assert!(rooms.is_empty(), "no member is left after a drain");
}

#[tokio::test(start_paused = true)]
async fn a_connection_leaves_by_an_abort() {
    const CONNECTIONS: usize = 50;
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), |rooms, ws| async move {
        let _one = rooms.join("one", &ws).unwrap();
        let _two = rooms.join("two", &ws).unwrap();
        std::future::pending::<Response>().await
    });
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS {
        sockets.push(client.connect("/").await);
    }
    until("all are in", || rooms.room("two").len() == CONNECTIONS).await;
    client.shutdown().abort();
    let report = client.shutdown().drain().await;
    assert_eq!((report.clean, report.aborted), (0, CONNECTIONS));
    assert!(rooms.is_empty(), "no member is left after an abort");
}

/// The runtime is dropped with its connections.
#[test]
fn a_connection_leaves_by_the_end_of_the_runtime() {
    let rooms = Rooms::<Tell>::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let sockets = runtime.block_on(async {
        let client = client(&rooms, WebSocketConfig::default(), stay);
        let mut sockets = Vec::new();
        for _ in 0..20 {
            sockets.push(client.connect("/").await);
        }
        until("all are in", || rooms.room("two").len() == 20).await;
        sockets
    });
    drop(runtime);
    assert!(rooms.is_empty());
    drop(sockets);
}

/// The peer never answers: it leaves after `close_timeout`.
#[tokio::test(start_paused = true)]
async fn a_connection_leaves_by_a_close_that_is_not_answered() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let _membership = rooms.join("room", &ws).unwrap();
    ws.close(None).await.unwrap();
    let cause = ws.closed().await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Local, false));
    assert!(rooms.is_empty(), "it has left when `closed` says so");
}

/// A peer that sends nothing at all, not even a pong.
#[tokio::test(start_paused = true)]
async fn a_connection_leaves_by_a_keepalive_timeout() {
    let config = WebSocketConfig::default().keepalive_interval(Duration::from_secs(5));
    let mut connector = Connector::with(config, |client| client);
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let _membership = rooms.join("room", &ws).unwrap();
    assert_eq!(ws.closed().await.kind, CloseKind::KeepaliveTimeout);
    assert!(rooms.is_empty(), "it has left when `closed` says so");
}
