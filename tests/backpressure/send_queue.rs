//! The send queue is bounded: `send` waits, `try_send` fails, `flush` waits for the transport.

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::client_of;

#[tokio::test]
async fn try_send_fails_when_the_queue_is_full_and_works_again_after_a_flush() {
    let (log, mut counts) = unbounded_channel();
    let config = WebSocketConfig::default().outbox_messages(8);
    let client = client_of(config, move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            for _ in 0..2 {
                let mut accepted = 0;
                let error = loop {
                    match ws.try_send(Message::from("x")) {
                        Ok(()) => accepted += 1,
                        Err(error) => break error,
                    }
                };
                assert!(error.is_full() && !error.is_closed());
                log.send(accepted).unwrap();
                ws.flush().await.unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for _ in 0..16 {
        assert_eq!(socket.recv_text().await, "x");
    }
    socket.expect_close(1000).await;
    assert_eq!((counts.recv().await, counts.recv().await), (Some(8), Some(8)));
}

/// The byte limit holds too; a single message above it is admitted into an empty queue.
#[tokio::test]
async fn one_message_above_the_byte_limit_is_admitted_into_an_empty_queue() {
    let config = WebSocketConfig::default().outbox_bytes(1_000);
    let client = client_of(config, |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        ws.try_send(Message::from("x".repeat(5_000))).unwrap();
        assert!(ws.try_send(Message::from("y")).unwrap_err().is_full());
        // Waits until the large message is written.
        ws.send_text("y").await.unwrap();
        ws.send_text("z".repeat(2_000)).await.unwrap();
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    for (letter, length) in [("x", 5_000), ("y", 1), ("z", 2_000)] {
        assert_eq!(socket.recv_text().await, letter.repeat(length));
    }
    socket.expect_close(1000).await;
}

/// `flush` returns after the transport has taken the bytes, not before.
#[tokio::test]
async fn flush_waits_for_the_transport() {
    let (log, mut flushed) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_binary(vec![7; 500_000]).await.unwrap();
            ws.flush().await.unwrap();
            log.send(()).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    assert!(flushed.try_recv().is_err(), "half a megabyte cannot have gone into the pipe");
    assert_eq!(socket.recv_binary().await.len(), 500_000);
    assert_eq!(flushed.recv().await, Some(()));
    socket.expect_close(1000).await;
}

/// Senders that wait when the connection is closed get an error.
#[tokio::test]
async fn waiting_senders_learn_of_the_close() {
    let (log, mut results) = unbounded_channel();
    let config = WebSocketConfig::default().outbox_messages(1);
    let client = client_of(config, move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            for _ in 0..3 {
                let (ws, log) = (ws.clone(), log.clone());
                tokio::spawn(async move { log.send(ws.send_text("waits").await).unwrap() });
            }
            tokio::task::yield_now().await;
            ws.close(None).await.unwrap();
            ws.closed().await;
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for _ in 0..3 {
        assert!(results.recv().await.unwrap().unwrap_err().is_closed());
    }
    assert_eq!(socket.recv_binary().await.len(), 1 << 20);
    socket.expect_close(1005).await;
}
