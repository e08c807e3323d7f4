//! Many WebSockets on one connection: flow control.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::unbounded_channel;

use super::{echo, open_beside};
use crate::support::{self, Frame, TEXT, Transport, frame, next, text, within};

/// The messages of a handler that does not receive wait in the client, and no other stream has to
/// wait for them.
#[tokio::test]
async fn a_stalled_stream_does_not_starve_the_others() {
    const STALLED: usize = 50;
    let router = Router::new()
        .websocket("/stalled", |ws: WebSocketConnection| async move {
            ws.accept().await?;
            ws.closed().await;
            Ok::<_, Error>(Response::ok())
        })
        .websocket("/ws", support::echo);
    let server = Transport::Http2.serve(router).await;
    let mut socket = server.open("/ws").await;
    let message = frame(0x82, &[7; 1_000]);
    let mut stalled = Vec::new();
    for n in 0..STALLED {
        let mut sibling = socket.sibling();
        sibling.upgrade("/stalled").await;
        let burst = message.repeat(200);
        let mut writer = sibling;
        stalled.push(tokio::spawn(async move { writer.try_send(&burst).await }));
        let line = format!("still there beside {n}?");
        socket.send(&text(&line)).await;
        socket.expect_text(&line).await;
    }
    assert!(stalled.iter().all(|writer| !writer.is_finished()), "a stalled handler took everything");
    stalled.iter().for_each(|writer| writer.abort());
}

/// Each message has an HTTP/2 frame of its own: unread frames cost the connection more than their
/// bytes.
#[tokio::test]
async fn a_window_full_of_tiny_messages_does_not_count_as_a_flood() {
    let router = Router::new()
        .websocket("/stalled", |ws: WebSocketConnection| async move {
            ws.accept().await?;
            ws.closed().await;
            Ok::<_, Error>(Response::ok())
        })
        .websocket("/ws", support::echo);
    let server = Transport::Http2.serve(router).await;
    let mut socket = server.open("/ws").await;
    let mut sibling = socket.sibling();
    sibling.upgrade("/stalled").await;
    let message = frame(0x82, b"x");
    let mut sent = 0;
    while sibling.send_until_stuck(&message).await == message.len() {
        sent += 1;
    }
    // The window and the read-ahead.
    assert!(sent > (64 << 10) / message.len(), "{sent} messages");
    socket.send(&text("still there?")).await;
    socket.expect_text("still there?").await;
}

/// A large message needs many windows in both directions.
#[tokio::test]
async fn messages_may_be_larger_than_the_windows() {
    let (server, _causes) = echo(WebSocketConfig::default()).await;
    let mut socket = server.open("/ws").await;
    let large = "x".repeat(1 << 20);
    socket.send(&text(&large)).await;
    assert_eq!(socket.frame().await, Frame::whole(TEXT, large));
}

/// A client that grants no window is one that does not read.
#[tokio::test]
async fn a_window_that_stays_closed_is_a_write_stall() {
    let (log, mut causes) = unbounded_channel();
    let config = WebSocketConfig::default().write_stall(Duration::from_millis(200));
    let router = Router::new().websocket_config(config).websocket("/ws", move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            while ws.send_binary(vec![0; 64 << 10]).await.is_ok() {}
            log.send(ws.closed().await).unwrap();
            Response::ok()
        }
    });
    let server = Transport::Http2.serve(router.get("/page", || async { "a page" })).await;
    let mut socket = server.connect_narrow().await;
    socket.upgrade("/ws").await;
    let cause = next(&mut causes).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::WriteStall, false));
    // The connection still serves other streams.
    let mut page = socket.sibling();
    let head = page.ask(&crate::support::Request::get("/page")).await;
    assert_eq!(page.body(&head).await, "a page");
}

#[tokio::test]
async fn more_streams_than_allowed_wait_for_their_turn() {
    let (server, _causes) = echo(WebSocketConfig::default()).await;
    let mut open = vec![server.open("/ws").await];
    for _ in 1..200 {
        let sibling = open_beside(&open[0]).await;
        open.push(sibling);
    }
    let mut late = open[0].sibling();
    let waiting = tokio::spawn(async move {
        late.upgrade("/ws").await;
        late
    });
    let mut last = open.pop().unwrap();
    last.send(&text("the last one?")).await;
    last.expect_text("the last one?").await;
    assert!(!waiting.is_finished(), "there is no limit");
    last.send(&crate::support::close(1000, "")).await;
    last.expect_close(1000).await;
    last.end().await;
    let mut late = within("a place", waiting).await.unwrap();
    late.send(&text("now me")).await;
    late.expect_text("now me").await;
}
