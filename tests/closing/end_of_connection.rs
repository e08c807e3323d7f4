//! The end of a connection, as `recv`, the senders and `closed` report it.

use ignitia::{
    prelude::*,
    websocket::{CloseCause, CloseKind},
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::support::{client, next, until_closed};

/// Returns everything that a handler receives, to an end that must come soon.
async fn observe(ws: &mut WebSocketConnection) -> Vec<Option<Message>> {
    let mut seen = Vec::new();
    while seen.last() != Some(&None) && seen.len() < 10 {
        seen.push(ws.recv().await);
    }
    seen
}

/// Everything that a handler receives, and the state of its handle after the end.
struct Report {
    seen: Vec<Option<Message>>,
    sends_fail: bool,
    cause: CloseCause,
}

async fn handler(report: mpsc::UnboundedSender<Report>, mut ws: WebSocketConnection) -> Response {
    ws.send_text("Welcome!").await.ok();
    assert!(!ws.is_closed() && ws.close_cause().is_none());
    let seen = observe(&mut ws).await;
    let again = ws.recv().await;
    assert_eq!(again, None, "the end stays the end");
    let sends_fail = ws.is_closed()
        && ws.send_text("late").await.is_err_and(|error| error.is_closed())
        && ws.send_binary(b"late").await.is_err_and(|error| error.is_closed())
        && ws.send_json("late").await.is_err_and(|error| error.is_closed())
        && ws.send_ping(b"late").await.is_err_and(|error| error.is_closed())
        && ws.try_send("late".into()).is_err_and(|error| error.is_closed())
        && ws.close(None).await.is_ok();
    let cause = ws.closed().await;
    assert_eq!(ws.close_cause(), Some(cause.clone()));
    report.send(Report { seen, sends_fail, cause }).ok();
    Response::ok()
}

fn observed() -> (Router, UnboundedReceiver<Report>) {
    let (report, reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| handler(report.clone(), ws));
    (router, reports)
}

#[tokio::test]
async fn the_close_of_the_peer_comes_once_and_then_nothing() {
    let (router, mut reports) = observed();
    let mut socket = client(router).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "Welcome!");
    socket.send_text("hello").await;
    socket.close(4000, "bye").await;
    socket.expect_close(4000).await;
    socket.expect_end().await;
    let Report { seen, sends_fail, cause } = next(&mut reports).await;
    let frame = CloseFrame { code: 4000, reason: "bye".into() };
    let close = Message::Close(Some(frame.clone()));
    assert_eq!(seen, [Some(Message::from("hello")), Some(close), None]);
    assert!(sends_fail);
    assert_eq!((cause.kind, cause.frame, cause.clean, cause.unsent), (CloseKind::Peer, Some(frame), true, 0));
}

#[tokio::test]
async fn a_close_without_a_code_is_received_without_a_frame() {
    let (router, mut reports) = observed();
    let mut socket = client(router).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "Welcome!");
    socket.send(Message::Close(None)).await;
    socket.expect_close(1005).await;
    let Report { seen, cause, .. } = next(&mut reports).await;
    assert_eq!(seen, [Some(Message::Close(None)), None]);
    assert_eq!((cause.kind, cause.frame), (CloseKind::Peer, None));
}

#[tokio::test]
async fn a_lost_peer_is_received_without_a_close() {
    let (router, mut reports) = observed();
    let mut socket = client(router).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "Welcome!");
    socket.send_text("hello").await;
    socket.reset();
    let Report { seen, sends_fail, cause } = next(&mut reports).await;
    // A reset may overtake the message before it.
    assert!(seen == [Some(Message::from("hello")), None] || seen == [None], "{seen:?}");
    assert!(sends_fail);
    assert_eq!((cause.kind, cause.clean), (CloseKind::Lost, false));
}

#[tokio::test]
async fn a_transport_that_ends_without_a_close_frame_is_lost_too() {
    let (router, mut reports) = observed();
    let mut socket = client(router).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "Welcome!");
    socket.send_text("hello").await;
    socket.half_close().await;
    let Report { seen, sends_fail, cause } = next(&mut reports).await;
    assert_eq!(seen, [Some(Message::from("hello")), None]);
    assert!(sends_fail);
    assert_eq!(cause.kind, CloseKind::Lost);
}

#[tokio::test]
async fn another_task_may_wait_for_the_end() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
        let (report, handle) = (report.clone(), ws.clone());
        tokio::spawn(async move { report.send(handle.closed().await) });
        async move {
            ws.recv().await;
            CloseFrame { code: 4001, reason: "enough".into() }
        }
    });
    let mut socket = client(router).connect("/ws").await;
    socket.send_text("go").await;
    socket.expect_close(4001).await;
    socket.expect_end().await;
    let cause: CloseCause = next(&mut reports).await;
    let frame = Some(CloseFrame { code: 4001, reason: "enough".into() });
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Local, frame, true));
}

#[tokio::test]
async fn a_connection_that_was_refused_ends_as_not_upgraded() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        report.send(ws).unwrap();
        async { Response::forbidden("closed today") }
    });
    let refused = client(router).request("/ws").rejection().await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let mut kept = next(&mut reports).await;
    assert_eq!(kept.closed().await.kind, CloseKind::NotUpgraded);
    assert!(kept.is_closed());
    assert_eq!(kept.recv().await, None);
    assert!(kept.accept().await.is_err_and(|error| error.is_closed()));
    assert!(kept.send_text("late").await.is_err_and(|error| error.is_closed()));
}

#[tokio::test]
async fn a_panic_has_its_own_cause() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
        report.send(ws.clone()).unwrap();
        async move {
            ws.recv().await;
            if true {
                panic!("as tested");
            }
            Response::ok()
        }
    });
    let mut socket = client(router).connect("/ws").await;
    socket.send_text("go").await;
    socket.expect_close(1011).await;
    socket.expect_end().await;
    assert_eq!(next(&mut reports).await.closed().await.kind, CloseKind::Panic);
}

#[tokio::test]
async fn the_ids_of_connections_differ() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        report.send((ws.id(), ws.clone().id())).unwrap();
        until_closed(ws)
    });
    let client = client(router);
    let _sockets = [client.connect("/ws").await, client.connect("/ws").await];
    let ((one, its_clone), (other, _)) = (next(&mut reports).await, next(&mut reports).await);
    assert_eq!(one, its_clone);
    assert_ne!(one, other);
}
