//! Sending into a bounded queue, with and without waiting, and messages that cannot be sent.

use std::time::Duration;

use ignitia::{
    prelude::*,
    testing::TestSocket,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{sync::mpsc, time::timeout};

use crate::support::{client, next, until_closed};

/// Returns a client with a small pipe, of a route whose queue holds four messages.
async fn narrow<F>(handler: impl Fn(WebSocketConnection) -> F + Send + Sync + 'static) -> TestSocket
where
    F: Future<Output = Response> + Send + 'static,
{
    let config = WebSocketConfig::default().outbox_messages(4).outbox_bytes(1 << 10);
    client(Router::new().websocket_with("/ws", handler, config)).pipe_capacity(256).connect("/ws").await
}

#[tokio::test]
async fn try_send_says_when_the_queue_is_full() {
    async fn fill(ws: WebSocketConnection) -> Response {
        // Nothing is written before the first await.
        for n in 0..4 {
            ws.try_send(n.to_string().into()).unwrap();
        }
        let error = ws.try_send("one too many".into()).unwrap_err();
        assert!(error.is_full() && !error.is_closed(), "{error}");
        assert_eq!(error.into_inner(), Message::from("one too many"));
        assert!(!ws.is_closed());
        ws.flush().await.unwrap();
        ws.try_send("room again".into()).unwrap();
        Response::ok()
    }
    let mut socket = narrow(fill).await;
    for expected in ["0", "1", "2", "3", "room again"] {
        assert_eq!(socket.recv_text().await, expected);
    }
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn the_queue_is_bounded_by_bytes_too_and_an_empty_one_takes_any_message() {
    async fn fill(ws: WebSocketConnection) -> Response {
        ws.try_send(Message::Binary(vec![0; 5000].into())).unwrap();
        for message in [
            Message::from("more"),
            Message::from("x".repeat(100_000)),
            Message::Binary(vec![7; 20_000].into()),
            Message::Ping(vec![7].into()),
        ] {
            let error = ws.try_send(message.clone()).unwrap_err();
            assert!(error.is_full(), "{error}");
            assert_eq!(error.into_inner(), message);
        }
        ws.flush().await.unwrap();
        ws.try_send(Message::Binary(vec![0; 1000].into())).unwrap();
        assert!(ws.try_send(Message::Binary(vec![0; 1000].into())).is_err_and(|error| error.is_full()));
        Response::ok()
    }
    let mut socket = narrow(fill).await;
    assert_eq!(socket.recv_binary().await.len(), 5000);
    assert_eq!(socket.recv_binary().await.len(), 1000);
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn send_waits_for_room_and_loses_nothing() {
    async fn flood(ws: WebSocketConnection) -> Response {
        for n in 0..500 {
            ws.send_text(format!("message {n}")).await.unwrap();
        }
        Response::ok()
    }
    let mut socket = narrow(flood).await;
    for n in 0..500 {
        assert_eq!(socket.recv_text().await, format!("message {n}"));
    }
    socket.expect_close(1000).await;
}

/// The client reads only on demand, and its pipe holds 256 bytes: no more can be written.
#[tokio::test(start_paused = true)]
async fn flush_waits_until_everything_is_written() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let mut socket = narrow(move |ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            ws.send_binary(vec![7; 900]).await.unwrap();
            let waited = timeout(Duration::from_secs(3), ws.flush()).await;
            report.send(waited.is_ok()).unwrap();
            ws.flush().await.unwrap();
            report.send(true).unwrap();
            until_closed(ws).await
        }
    })
    .await;
    assert!(!next(&mut reports).await, "flushed although the client does not read");
    assert_eq!(socket.recv_binary().await, vec![7; 900]);
    assert!(next(&mut reports).await);
}

/// A cancelled send has queued nothing.
#[tokio::test(start_paused = true)]
async fn a_send_that_is_dropped_sends_nothing() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let mut socket = narrow(move |ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            ws.send_binary(vec![1; 1000]).await.unwrap();
            let given_up = timeout(Duration::from_secs(3), ws.send_binary(vec![2; 1000])).await.is_err();
            report.send(given_up).unwrap();
            ws.send_binary(vec![3; 1000]).await.unwrap();
            Response::ok()
        }
    })
    .await;
    assert!(next(&mut reports).await, "there was no room");
    assert_eq!(socket.recv_binary().await, vec![1; 1000]);
    assert_eq!(socket.recv_binary().await, vec![3; 1000]);
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn a_sender_that_waits_for_room_learns_of_the_end() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let socket = narrow(move |ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            let error = loop {
                if let Err(error) = ws.send_binary(vec![0; 1000]).await {
                    break error;
                }
            };
            report.send((error.is_closed(), ws.flush().await.is_err(), ws.closed().await)).unwrap();
            Response::ok()
        }
    })
    .await;
    drop(socket);
    let (send_failed, flush_failed, cause) = next(&mut reports).await;
    assert!(send_failed && flush_failed);
    assert_eq!(cause.kind, CloseKind::Lost);
    assert!(cause.unsent > 0, "{cause}");
}

#[tokio::test]
async fn accept_opens_without_anything_sent() {
    async fn silent(ws: WebSocketConnection) -> Result<Response> {
        ws.accept().await?;
        ws.accept().await?;
        std::future::pending().await
    }
    let config = WebSocketConfig::default().decision_window(None);
    client(Router::new().websocket_with("/ws", silent, config)).connect("/ws").await;
}

#[tokio::test]
async fn an_oversize_control_frame_is_an_error_and_the_connection_goes_on() {
    async fn oversize(ws: WebSocketConnection) -> Result<Response> {
        for error in [
            ws.send_ping([0; 126]).await.unwrap_err(),
            ws.send_pong([0; 126]).await.unwrap_err(),
            ws.send(Message::Ping(vec![0; 126].into())).await.unwrap_err(),
            ws.send(Message::Pong(vec![0; 126].into())).await.unwrap_err(),
            ws.try_send(Message::Ping(vec![0; 126].into())).unwrap_err().into(),
            ws.try_send(Message::Pong(vec![0; 126].into())).unwrap_err().into(),
        ] {
            assert!(error.is_invalid_input(), "{error:?}");
        }
        ws.send_ping([1; 125]).await?;
        ws.send_pong([2; 125]).await?;
        Ok(Response::ok())
    }
    let mut socket = client(Router::new().websocket("/ws", oversize)).connect("/ws").await;
    assert_eq!(socket.recv().await, Some(Message::Ping(vec![1; 125].into())));
    assert_eq!(socket.recv().await, Some(Message::Pong(vec![2; 125].into())));
    socket.expect_close(1000).await;
}

/// The futures can be spawned, and kept in structs that are spawned.
#[test]
fn the_futures_are_send() {
    fn is_send<T: Send>(_: T) {}
    #[allow(dead_code, reason = "that it compiles is what is tested")]
    fn all(mut ws: WebSocketConnection) {
        is_send(ws.send("".into()));
        is_send(ws.send_text(""));
        is_send(ws.send_binary(b""));
        is_send(ws.send_json(""));
        is_send(ws.send_ping(b""));
        is_send(ws.send_pong(b""));
        is_send(ws.close(None));
        is_send(ws.flush());
        is_send(ws.accept());
        is_send(ws.closed());
        is_send(ws.recv());
    }
}
