//! Peers that stop reading, on paused time: the pipe of the test client fills up.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{sync::mpsc::unbounded_channel, time::Instant};

use crate::support::client_of;

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_is_dropped_and_frees_the_handler() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            let start = Instant::now();
            let mut accepted = 0;
            while ws.send_binary(vec![0; 100_000]).await.is_ok() {
                accepted += 1;
            }
            log.send((start.elapsed(), accepted, ws.closed().await)).unwrap();
            Response::ok()
        }
    });
    let socket = client.connect("/").await;
    let (waited, accepted, cause) = end.recv().await.unwrap();
    assert!((Duration::from_secs(30)..Duration::from_secs(31)).contains(&waited), "{waited:?}");
    assert_eq!(cause.kind, CloseKind::WriteStall);
    // Of the accepted messages, the pipe holds less than one.
    assert_eq!(cause.unsent, accepted);
    // At most a megabyte is queued, in both queues together.
    assert!((10..=11).contains(&accepted), "{accepted}");
    drop(socket);
}

/// A slow reader is alive: every byte that it reads shows it.
#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_slowly_gets_everything() {
    const MESSAGES: usize = 20;
    let config = WebSocketConfig::default().keepalive_interval(None);
    let client = client_of(config, |ws: WebSocketConnection| async move {
        for _ in 0..MESSAGES {
            ws.send_binary(vec![0; 200_000]).await.unwrap();
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    for _ in 0..MESSAGES {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(socket.recv_binary().await.len(), 200_000);
    }
    socket.expect_close(1000).await;
}

/// The handler has returned and the peer does not read: the connection still ends.
#[tokio::test(start_paused = true)]
async fn a_close_frame_that_is_not_read_is_given_up() {
    let (log, mut end) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            let ws = ws.clone();
            tokio::spawn(async move { log.send(ws.closed().await).unwrap() });
            Response::ok()
        }
    });
    let socket = client.connect("/").await;
    let start = Instant::now();
    let cause = end.recv().await.unwrap();
    assert!(start.elapsed() <= Duration::from_secs(31), "{:?}", start.elapsed());
    assert_eq!((cause.kind, cause.unsent), (CloseKind::WriteStall, 1));
    drop(socket);
}

/// Receiving does not wait for a peer that does not read.
#[tokio::test]
async fn a_slow_reader_does_not_stall_receiving() {
    let (log, mut seen) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            while let Some(message) = ws.recv().await {
                log.send(message).unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for number in 0..100 {
        socket.send_text(number.to_string()).await;
        assert_eq!(seen.recv().await, Some(Message::from(number.to_string())));
    }
}

/// The whole process stood still: its peers could not have been read meanwhile.
#[tokio::test(start_paused = true)]
async fn a_stall_of_our_process_disconnects_no_peer() {
    let (log, mut sent) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            ws.send_binary(vec![0; 1 << 20]).await.unwrap();
            log.send(()).unwrap();
            ws.closed().await;
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    sent.recv().await;
    // One jump, beyond the time that a peer has to read.
    tokio::time::advance(Duration::from_secs(50)).await;
    tokio::task::yield_now().await;
    assert_eq!(socket.recv_binary().await.len(), 1 << 20);
}
