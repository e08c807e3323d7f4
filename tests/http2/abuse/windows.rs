//! Peers that grant no window, or a tiny one.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{
    CANCEL, router,
    wire::{CONNECT, DATA, HEADERS, RST_STREAM, Wire, headers, window_update},
};
use crate::support::{Bystander, Running, Transport, heap, is_alone, until, within};

/// Serves handlers at `/flood` that send without end and report the cause of their end.
async fn flooding(config: WebSocketConfig) -> (Running, UnboundedReceiver<CloseKind>) {
    let (log, causes) = unbounded_channel();
    let flood = move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            while ws.send_binary(vec![7; 64 << 10]).await.is_ok() {}
            log.send(ws.closed().await.kind).unwrap();
            Response::ok()
        }
    };
    (Transport::Http2.serve(router().websocket_with("/flood", flood, config)).await, causes)
}

const STALL: Duration = Duration::from_millis(200);

/// The peer never reads a byte: the stream is reset, and its memory is freed.
#[tokio::test]
async fn streams_without_any_window_are_reset_and_leave_nothing_behind() {
    if !is_alone("http2::abuse::windows::streams_without_any_window_are_reset_and_leave_nothing_behind") {
        return;
    }
    const STREAMS: u32 = 100;
    let config = WebSocketConfig::default().write_stall(STALL);
    let (server, mut causes) = flooding(config).await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::silent(server.addr).await;
    wire.begin(&[(4, 0)]).await;
    let before = heap();
    let mut fields = CONNECT;
    fields[3].1 = "/flood";
    wire.send(&(0..STREAMS).flat_map(|n| headers(2 * n + 1, &fields)).collect::<Vec<_>>()).await;
    let (mut opened, mut resets) = (0, 0);
    while resets < STREAMS {
        let frame = wire.next().await.unwrap();
        match frame.kind {
            HEADERS => {
                assert_eq!(frame.status(), 200);
                opened += 1;
            }
            RST_STREAM => {
                assert_eq!(frame.code(), CANCEL);
                resets += 1;
            }
            _ => {}
        }
    }
    assert_eq!(opened, STREAMS);
    for _ in 0..STREAMS {
        assert_eq!(within("the stall", causes.recv()).await, Some(CloseKind::WriteStall));
    }
    until("the memory is given back", || heap().saturating_sub(before) < 2 << 20).await;
    // The same connection then takes as many other streams as are allowed at once.
    for n in STREAMS..STREAMS + 200 {
        wire.upgrade(2 * n + 1, "/ws").await;
    }
    bystander.is_served().await;
}

/// One byte at a time, each in a frame of its own.
#[tokio::test]
async fn a_window_of_one_byte_is_used_byte_by_byte() {
    let (server, _causes) = flooding(WebSocketConfig::default()).await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::silent(server.addr).await;
    wire.begin(&[(4, 0)]).await;
    wire.upgrade(1, "/flood").await;
    let mut got = Vec::new();
    for _ in 0..1_000 {
        wire.send(&window_update(1, 1)).await;
        let frame = wire.about(1).await;
        assert_eq!((frame.kind, frame.payload.len()), (DATA, 1));
        got.extend(frame.payload);
    }
    assert_eq!(&got[..11], b"\x82\x7f\0\0\0\0\0\x01\0\0\x07");
    bystander.is_served().await;
}
