//! Ends of the handler, of a task with a membership, and of the handshake.

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::{mpsc, oneshot};

use super::{client, has_left, is_in};
use crate::{
    rooms::{Connector, MARK, Tell, event, mark},
    support::{until, within},
};

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
    let config = WebSocketConfig::default().cancel_on_close(true);
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
