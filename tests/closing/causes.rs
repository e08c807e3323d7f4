//! Cause of the end when several events end a connection.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{sync::mpsc::unbounded_channel, time::sleep};

use crate::support::client_of;

/// The close frame waited behind data when the reset came; it still counts.
#[tokio::test(start_paused = true)]
async fn a_peer_that_closed_and_then_reset_counts_as_closed() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            sleep(Duration::from_secs(2)).await;
            let mut received = Vec::new();
            while let Some(message) = ws.recv().await {
                received.push(message);
            }
            log.send((received, ws.closed().await)).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    socket.send_text("data").await;
    socket.close(4001, "bye").await;
    sleep(Duration::from_secs(1)).await;
    socket.reset();
    let (received, cause) = end.recv().await.unwrap();
    let frame = CloseFrame { code: 4001, reason: "bye".into() };
    assert_eq!(received, [Message::from("data"), Message::Close(Some(frame.clone()))]);
    assert_eq!((cause.kind, cause.frame, cause.clean), (CloseKind::Peer, Some(frame), false));
}
