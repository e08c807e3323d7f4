//! Peers that read slowly, on paused time: a peer that takes bytes is alive.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseCause, CloseKind, WebSocketConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, sleep, timeout},
};

use crate::support::{forever, route, transport};

/// Capacity of the pipe, and the number of bytes that a slow peer reads per second.
const PIPE: usize = 64 << 10;

/// A message of this length takes a slow peer longer than any default timeout.
const SECONDS: usize = 100;
const LARGE: usize = SECONDS * PIPE;

/// Size of the header of a large message.
const HEADER: usize = 10;

async fn read_slowly(client: &mut DuplexStream, seconds: usize) {
    let mut bytes = vec![0; PIPE];
    for second in 0..seconds {
        client.read_exact(&mut bytes).await.unwrap_or_else(|error| panic!("{error} after {second} s"));
        sleep(Duration::from_secs(1)).await;
    }
}

async fn expect(client: &mut DuplexStream, expected: &[u8]) {
    let mut bytes = vec![0; expected.len()];
    client.read_exact(&mut bytes).await.unwrap();
    assert_eq!(bytes, expected);
}

/// Reports the end of a connection without taking part in it.
fn watch(ws: &WebSocketConnection, log: tokio::sync::mpsc::UnboundedSender<CloseCause>) {
    let ws = ws.clone();
    tokio::spawn(async move { log.send(ws.closed().await) });
}

/// The peer cannot answer a ping that waits behind the download.
#[tokio::test(start_paused = true)]
async fn a_slow_download_goes_on() {
    let router = route(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.send_binary(vec![0; LARGE]).await.unwrap();
        forever().await
    });
    let mut client = transport::open_pipe(router, PIPE).await;
    read_slowly(&mut client, SECONDS).await;
    expect(&mut client, &[0; HEADER]).await;
    expect(&mut client, b"\x89\x08\0\0\0\0\0\0\0\x01").await;
}

/// The peer neither answers the ping nor reads.
#[tokio::test(start_paused = true)]
async fn a_download_that_stands_still_is_cut_off() {
    let (log, mut end) = unbounded_channel();
    let router = route(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            watch(&ws, log);
            ws.send_binary(vec![0; LARGE]).await.unwrap();
            forever().await
        }
    });
    let mut client = transport::open_pipe(router, PIPE).await;
    read_slowly(&mut client, SECONDS / 2).await;
    // The peer has last read a second ago.
    let start = Instant::now();
    let cause = end.recv().await.unwrap();
    assert_eq!((cause.kind, start.elapsed().as_secs()), (CloseKind::WriteStall, 29));
}

/// A pipe that was full for long, with nothing waiting for it, is no stall.
#[tokio::test(start_paused = true)]
async fn the_write_stall_counts_from_when_bytes_wait() {
    const SMALL: usize = 4096;
    let (log, mut steps) = unbounded_channel();
    let config = WebSocketConfig::default().keepalive_interval(None);
    let router = route(config, move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            // With its header the message fills the pipe to the last byte.
            ws.send_binary(vec![0; SMALL - 4]).await.unwrap();
            ws.flush().await.unwrap();
            log.send(None).unwrap();
            log.send(Some(ws.closed().await)).unwrap();
            Response::ok()
        }
    });
    let mut client = transport::open_pipe(router, SMALL).await;
    assert_eq!(steps.recv().await, Some(None));
    sleep(Duration::from_secs(40)).await;
    let start = Instant::now();
    // The pong to this ping has to wait.
    client.write_all(b"\x89\x81\0\0\0\0x").await.unwrap();
    let cause = steps.recv().await.unwrap().unwrap();
    assert_eq!((cause.kind, start.elapsed().as_secs()), (CloseKind::WriteStall, 30));
}

/// Opens a connection whose handler sends a large message and returns at once; the receiver gets
/// the cause of its end.
async fn download_and_return() -> (DuplexStream, UnboundedReceiver<CloseCause>) {
    let (log, end) = unbounded_channel();
    let config = WebSocketConfig::default().keepalive_interval(None);
    let router = route(config, move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            watch(&ws, log);
            ws.send_binary(vec![0; LARGE]).await.unwrap();
            Response::ok()
        }
    });
    (transport::open_pipe(router, PIPE).await, end)
}

/// The handler has returned long before: its messages go out, and then the close frame.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_everything_before_the_close() {
    let (mut client, mut end) = download_and_return().await;
    read_slowly(&mut client, SECONDS).await;
    expect(&mut client, &[0; HEADER]).await;
    expect(&mut client, b"\x88\x02\x03\xe8").await;
    client.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await.unwrap();
    let cause = end.recv().await.unwrap();
    assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Local, true, 0));
}

/// The same, until the peer stops reading.
#[tokio::test(start_paused = true)]
async fn a_slow_reader_that_stops_before_the_close_is_cut_off() {
    let (mut client, mut end) = download_and_return().await;
    read_slowly(&mut client, SECONDS / 2).await;
    // The peer has last read a second ago.
    let start = Instant::now();
    let cause = end.recv().await.unwrap();
    assert_eq!((cause.kind, cause.unsent), (CloseKind::WriteStall, 1));
    assert_eq!(start.elapsed().as_secs(), 29);
}

/// Each byte resets the stall timer; the whole close may take ten times `write_stall`.
#[tokio::test(start_paused = true)]
async fn a_trickle_of_reads_does_not_keep_a_closing_connection_open() {
    let (mut client, mut end) = download_and_return().await;
    let start = Instant::now();
    let cause = loop {
        client.read_u8().await.unwrap();
        // Reads another byte whenever nothing has happened for so long.
        if let Ok(cause) = timeout(Duration::from_secs(20), end.recv()).await {
            break cause.unwrap();
        }
    };
    assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Local, false, 1));
    assert_eq!(start.elapsed().as_secs(), 300);
}
