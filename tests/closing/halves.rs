//! A sender half and a receiver half in one handler: an end that one of them causes wakes the other
//! at once.
//!
//! The connection task itself polls both, the sender first: when the receiver causes the end, the
//! sender was already polled in this turn.

use std::time::Duration;

use futures_util::future::join;
use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};

use crate::support::client_of;

/// More than the pipe holds: while it is not read, a sender behind this message waits for room.
const LARGE: usize = 1 << 20;

fn config() -> WebSocketConfig {
    WebSocketConfig::default().outbox_messages(1)
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_waits_learns_of_the_close_that_the_receiver_takes() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(config(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let sender = ws.clone();
            ws.send_binary(vec![0; LARGE]).await.unwrap();
            let sending = async {
                let error = sender.send_text("waits").await.unwrap_err();
                (error.is_closed(), Instant::now())
            };
            let receiving = async {
                while ws.recv().await.is_some() {}
                Instant::now()
            };
            let ((closed, sender_ended), receiver_ended) = join(sending, receiving).await;
            log.send((closed, sender_ended - receiver_ended)).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    // In one piece, so that the handler itself finds the end right after the text.
    socket.send_bytes(b"\x81\x81\0\0\0\0x\x88\x82\0\0\0\0\x03\xe8").await;
    let (closed, waited) = seen.recv().await.unwrap();
    assert!(closed);
    assert!(waited < Duration::from_secs(1), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_waits_learns_of_a_close_in_the_same_handler() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(config(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            // Nothing else wakes the connection after this message.
            ws.recv().await;
            ws.send_binary(vec![0; LARGE]).await.unwrap();
            let start = Instant::now();
            let (sent, closed) = join(ws.send_text("waits"), ws.close(None)).await;
            closed.unwrap();
            log.send((sent.unwrap_err().is_closed(), start.elapsed())).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.send_text("go").await;
    let (closed, waited) = seen.recv().await.unwrap();
    assert!(closed);
    assert!(waited < Duration::from_secs(1), "{waited:?}");
}
