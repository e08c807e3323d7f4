//! The end of a stream, and its effect on the others.

use std::time::Duration;

use ignitia::{
    DrainConfig, Shutdown,
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};

use super::{echo, open_beside};
use crate::support::{End, Transport, close, next, text, within};

/// A stream ends as a TCP connection does: END_STREAM after the close frames.
#[tokio::test]
async fn a_clean_end_of_a_stream_leaves_the_connection_open() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let mut socket = server.open("/ws").await;
    let mut sibling = open_beside(&socket).await;
    socket.send(&close(4001, "bye")).await;
    assert_eq!(socket.expect_close(4001).await, "bye");
    assert_eq!(socket.end().await, End::Eof);
    let cause = next(&mut causes).await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
    sibling.send(&text("still here")).await;
    sibling.expect_text("still here").await;
}

#[tokio::test]
async fn a_stream_that_the_client_resets_is_lost() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let socket = server.open("/ws").await;
    let mut sibling = open_beside(&socket).await;
    socket.reset();
    let cause = next(&mut causes).await;
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Lost, None, false));
    sibling.send(&text("still here")).await;
    sibling.expect_text("still here").await;
}

/// END_STREAM without a close frame is an EOF without one.
#[tokio::test]
async fn a_stream_that_the_client_ends_is_lost() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let mut socket = server.open("/ws").await;
    socket.shut_down_write().await;
    socket.expect_close(1002).await;
    assert_eq!(socket.end().await, End::Eof);
    assert_eq!(next(&mut causes).await.kind, CloseKind::Lost);
}

/// A violation ends the stream that it is on.
#[tokio::test]
async fn a_violation_ends_only_its_stream() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let mut socket = server.open("/ws").await;
    let mut sibling = open_beside(&socket).await;
    socket.send(b"\x81\x01x").await;
    socket.expect_close(1002).await;
    assert_eq!(socket.end().await, End::Eof);
    assert_eq!(next(&mut causes).await.kind, CloseKind::Violation);
    sibling.send(&text("still here")).await;
    sibling.expect_text("still here").await;
}

#[tokio::test]
async fn a_drain_closes_every_stream_and_then_the_connection() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let mut sockets = vec![server.open("/ws").await];
    for _ in 1..5 {
        let sibling = open_beside(&sockets[0]).await;
        sockets.push(sibling);
    }
    let done = server.stop();
    for socket in &mut sockets {
        socket.expect_close(1001).await;
        socket.send(&close(1001, "")).await;
        assert_eq!(socket.end().await, End::Eof);
    }
    for _ in 0..5 {
        let cause = next(&mut causes).await;
        assert_eq!((cause.kind, cause.clean), (CloseKind::Shutdown, true));
    }
    let report = within("the end of the server", done).await.unwrap();
    assert_eq!((report.clean, report.aborted), (5, 0));
}

/// Peers do not answer and handlers do not end: the deadline ends the connection and the server.
#[tokio::test]
async fn a_drain_without_answers_ends_the_connection_at_the_deadline() {
    let config = WebSocketConfig::default().close_timeout(Duration::from_secs(60));
    let router =
        Router::new().websocket_config(config).websocket("/ws", |ws: WebSocketConnection| async move {
            ws.accept().await?;
            std::future::pending::<Result<Response>>().await
        });
    let drain = DrainConfig::default()
        .timeout(Duration::from_millis(200))
        .notice(Duration::ZERO)
        .jitter(Duration::ZERO);
    let server = Transport::Http2.serve_until(router, Shutdown::with_config(drain)).await;
    let mut socket = server.open("/ws").await;
    let mut sibling = open_beside(&socket).await;
    let done = server.stop();
    for socket in [&mut socket, &mut sibling] {
        socket.expect_close(1001).await;
    }
    let report = within("the end of the server", done).await.unwrap();
    assert_eq!((report.clean, report.aborted), (0, 2));
    assert_eq!(socket.end().await, End::Reset);
}

#[tokio::test]
async fn a_lost_connection_ends_every_stream() {
    let (server, mut causes) = echo(WebSocketConfig::default()).await;
    let socket = server.open("/ws").await;
    let sibling = open_beside(&socket).await;
    drop((socket, sibling));
    for _ in 0..2 {
        assert_eq!(next(&mut causes).await.kind, CloseKind::Lost);
    }
}
