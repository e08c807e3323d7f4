//! A connection leaves its rooms, however it ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ignitia::{
    DrainConfig, Shutdown,
    prelude::*,
    rooms::{Overflow, RoomConfig},
    testing::TestClient,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::{mpsc, oneshot};

use super::{Connector, MARK, Tell, counts, event, mark, up_to_mark};
use crate::support::{until, within};

/// Returns a client of one handler at `/`, which gets the rooms.
fn client<F, Fut, R>(rooms: &Rooms<Tell>, config: WebSocketConfig, handler: F) -> TestClient
where
    F: Fn(Rooms<Tell>, WebSocketConnection) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse + 'static,
{
    let rooms = rooms.clone();
    let handler = move |ws: WebSocketConnection| {
        let session = handler(rooms.clone(), ws);
        async move { session.await.into_response() }
    };
    TestClient::new(Router::new().websocket("/", handler).websocket_config(config)).unwrap()
}

async fn stay(rooms: Rooms<Tell>, mut ws: WebSocketConnection) -> Response {
    let _one = rooms.join("one", &ws).unwrap();
    let _two = rooms.join("two", &ws).unwrap();
    while ws.recv().await.is_some() {}
    Response::ok()
}

async fn is_in(rooms: &Rooms<Tell>) {
    until("it is in both rooms", || rooms.len() == 2).await;
}

async fn has_left(rooms: &Rooms<Tell>) {
    until("it has left both rooms", || rooms.is_empty()).await;
}

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

#[tokio::test]
async fn a_connection_leaves_when_its_handler_returns() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), |rooms, mut ws| async move {
        let _one = rooms.join("one", &ws).unwrap();
        let two = rooms.join("two", &ws).unwrap();
        ws.recv().await;
        // This membership is never dropped: the connection leaves all the same.
        std::mem::forget(two);
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    is_in(&rooms).await;
    socket.send_text("go").await;
    socket.expect_close(1000).await;
    has_left(&rooms).await;
}

#[tokio::test]
async fn a_connection_leaves_by_a_panic() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), |rooms, mut ws| async move {
        let _one = rooms.join("one", &ws).unwrap();
        let _two = rooms.join("two", &ws).unwrap();
        ws.recv().await;
        let _three = rooms.join("three", &ws).unwrap();
        if true {
            panic!("on purpose");
        }
    });
    let mut socket = client.connect("/").await;
    is_in(&rooms).await;
    let mut watch = rooms.room("one").watch();
    socket.send_text("go").await;
    socket.expect_close(1011).await;
    has_left(&rooms).await;
    assert_eq!(event(&mut watch).await.0, "left");
}

/// The task that holds the membership panics; it is not the handler.
#[tokio::test]
async fn a_membership_ends_by_a_panic_of_another_task() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    let task = tokio::spawn(async move {
        assert_eq!(membership.len(), 1);
        panic!("on purpose");
    });
    assert!(task.await.unwrap_err().is_panic());
    assert!(rooms.is_empty());
    // The connection continues.
    mark(&ws);
    assert_eq!(socket.recv_text().await, MARK);
}

#[tokio::test]
async fn a_connection_leaves_when_its_handler_is_cancelled() {
    let rooms = Rooms::<Tell>::new();
    let (log, mut dropped) = mpsc::unbounded_channel();
    let config = WebSocketConfig { cancel_on_close: true, ..Default::default() };
    let client = client(&rooms, config, move |rooms, ws| {
        let log = log.clone();
        async move {
            let _one = rooms.join("one", &ws).unwrap();
            let _two = rooms.join("two", &ws).unwrap();
            let _tell = Tells(log);
            std::future::pending::<Response>().await
        }
    });
    let mut socket = client.connect("/").await;
    is_in(&rooms).await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    within("the drop", dropped.recv()).await.unwrap();
    has_left(&rooms).await;
}

/// Reports its drop.
struct Tells(mpsc::UnboundedSender<()>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// The task that joined is aborted.
#[tokio::test]
async fn a_membership_ends_with_an_aborted_task() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let (joined, is_in) = oneshot::channel();
    let membership = rooms.join("room", &ws).unwrap();
    let task = tokio::spawn(async move {
        let _membership = membership;
        joined.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    is_in.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
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

/// Joining decides for the upgrade, which never comes: the peer left before.
#[tokio::test(start_paused = true)]
async fn a_connection_leaves_by_a_failed_upgrade() {
    let rooms = Rooms::<Tell>::new();
    let (log, mut steps) = mpsc::unbounded_channel();
    let (go, gone) = tokio::sync::watch::channel(false);
    let client = client(&rooms, WebSocketConfig::default(), move |rooms, mut ws| {
        let (log, mut gone) = (log.clone(), gone.clone());
        async move {
            log.send(None).unwrap();
            gone.wait_for(|gone| *gone).await.unwrap();
            let one = rooms.join("one", &ws);
            log.send(Some((one.is_ok(), rooms.len()))).unwrap();
            while ws.recv().await.is_some() {}
            Response::ok()
        }
    });
    let request = tokio::spawn(async move { client.request("/").connect().await });
    assert_eq!(within("a step", steps.recv()).await, Some(None));
    request.abort();
    let _ = request.await;
    // The handler may have been cancelled meanwhile.
    let _ = go.send(true);
    let _ = steps.recv().await;
    until("no member is left", || rooms.is_empty()).await;
}

/// A refusal after a reservation: the connection was never in the room.
#[tokio::test]
async fn a_refused_reservation_never_becomes_a_member() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), |rooms, _ws| async move {
        let _reserved = rooms.reserve("one");
        assert!(rooms.is_empty());
        Response::unauthorized("no")
    });
    assert_eq!(client.request("/").rejection().await.status, StatusCode::UNAUTHORIZED);
    assert!(rooms.is_empty());
}

/// A refusal after joining: the upgrade has been decided already.
#[tokio::test]
async fn a_connection_leaves_by_a_refusal_after_joining() {
    let rooms = Rooms::<Tell>::new();
    let client = client(&rooms, WebSocketConfig::default(), |rooms, ws| async move {
        let _one = rooms.join("one", &ws).unwrap();
        Response::unauthorized("no")
    });
    let mut socket = client.connect("/").await;
    socket.expect_close(3000).await;
    has_left(&rooms).await;
}

/// Our close frame is out and the peer's is still to come: the connection gets no more messages and
/// delays no other member. With the peer's answer it leaves.
#[tokio::test(start_paused = true)]
async fn a_closing_connection_gets_no_messages() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    ws.close(Some(CloseFrame { code: 4000, reason: "enough".into() })).await.unwrap();
    assert_eq!(counts(membership.broadcast(&Tell::number(2)).unwrap()), (0, 0, 0));
    assert!(rooms.join("other", &ws).unwrap_err().is_closed());
    assert_eq!(socket.recv_json::<super::Seen>().await.n, 1);
    socket.expect_close(4000).await;
    until("it has left", || rooms.is_empty()).await;
    drop(membership);
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
    let config = WebSocketConfig { keepalive_interval: Some(Duration::from_secs(5)), ..Default::default() };
    let mut connector = Connector::with(config, |client| client);
    let rooms = Rooms::<Tell>::new();
    let (_socket, ws) = connector.open().await;
    let _membership = rooms.join("room", &ws).unwrap();
    assert_eq!(ws.closed().await.kind, CloseKind::KeepaliveTimeout);
    assert!(rooms.is_empty(), "it has left when `closed` says so");
}

/// Messages that still wait for a room are given up when it is left, and none come after.
#[tokio::test(start_paused = true)]
async fn no_message_arrives_after_leaving() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let (_other_socket, other) = connector.open().await;
    let other = rooms.join("room", &other).unwrap();
    let mut membership = rooms.join("room", &ws).unwrap();
    other.broadcast(&Tell::number(1)).unwrap();
    membership.leave();
    assert_eq!(counts(other.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    mark(&ws);
    let seen = up_to_mark(&mut socket).await;
    assert_eq!(seen.iter().map(|seen| seen.n).collect::<Vec<_>>(), [1]);
}

/// The connection ends while other tasks join it to rooms: in any order, no membership stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_leaves_although_others_join_it_to_rooms() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    for round in 0..100 {
        let (socket, ws) = connector.open().await;
        let mut joiners = tokio::task::JoinSet::new();
        for joiner in 0..3 {
            let (rooms, ws) = (rooms.clone(), ws.clone());
            joiners.spawn(async move {
                let mut joined = Vec::new();
                while let Ok(membership) = rooms.join(format!("{joiner}"), &ws) {
                    membership.broadcast(&Tell::number(0)).unwrap();
                    joined.push(membership);
                    if joined.len() > 5 {
                        joined.remove(0);
                    }
                    tokio::task::yield_now().await;
                }
                joined
            });
        }
        for _ in 0..round % 10 {
            tokio::task::yield_now().await;
        }
        if round % 2 == 0 {
            socket.reset()
        } else {
            drop(socket)
        }
        ws.closed().await;
        // The tasks keep their memberships: the end of the connection ends them.
        let joined = within("the joiners", joiners.join_all()).await;
        until("it has left", || rooms.is_empty()).await;
        drop(joined);
    }
}

/// The connection leaves in the middle of broadcasts, while it lags: nothing of the room is kept
/// for it, and nothing comes afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_arrives_after_leaving_in_the_middle_of_a_broadcast() {
    let config = RoomConfig { overflow: Overflow::DropOldest, ..Default::default() };
    let mut connector = Connector::with(WebSocketConfig::default(), |client| client.pipe_capacity(1_024));
    let rooms = Rooms::<Tell>::with_config(config);
    let (mut socket, ws) = connector.open().await;
    // The room stays, so that the broadcasts find it.
    let (keeper_socket, keeper) = connector.open().await;
    let _keeper = rooms.join("room", &keeper).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let sender = {
        let (room, over) = (rooms.room("room"), over.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                room.broadcast(&Tell::padded(1, 4_000)).unwrap();
            }
        })
    };
    for _ in 0..100_000 {
        drop(rooms.join("room", &ws).unwrap());
    }
    over.store(true, Ordering::Release);
    sender.join().unwrap();
    mark(&ws);
    up_to_mark(&mut socket).await;
    mark(&ws);
    // The messages that it did not get are still reported.
    let mut late = up_to_mark(&mut socket).await;
    late.retain(|seen| seen.tag != "$lagged");
    assert_eq!(late.len(), 0, "messages of a room that it left came afterwards: {:?} ..", late.first());
    drop(keeper_socket);
}
