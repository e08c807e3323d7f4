//! Peers that do not read, over real sockets.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Frame, PING, PONG, RawSocket, Running, echoes, everywhere, frame, next, text};

/// Size of a message; [`FLOOD`] of them are more than the buffers of the kernel hold.
const PIECE: usize = 64 << 10;
const FLOOD: usize = (64 << 20) / PIECE;

/// Opens a WebSocket with small buffers in the kernel.
async fn open_narrow(server: &Running) -> RawSocket {
    let mut socket = server.connect_narrow().await;
    socket.upgrade("/ws").await;
    socket
}

#[tokio::test]
async fn a_peer_that_never_reads_is_disconnected_and_frees_the_handler() {
    let (log, mut reports) = unbounded_channel();
    let config = WebSocketConfig::default().write_stall(Duration::from_millis(300));
    let router = || {
        let log = log.clone();
        let flood = move |ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                let error = loop {
                    if let Err(error) = ws.send_binary(vec![0; PIECE]).await {
                        break error;
                    }
                };
                log.send((error, ws.closed().await)).unwrap();
                Response::ok()
            }
        };
        Router::new().websocket_with("/ws", flood, config.clone())
    };
    everywhere(router, async |server| {
        let _socket = open_narrow(&server).await;
        let (error, cause) = next(&mut reports).await;
        assert!(error.is_closed(), "{error}");
        assert_eq!((cause.kind, cause.clean), (CloseKind::WriteStall, false));
        assert!(cause.unsent > 0, "what was queued and not written is not counted");
    })
    .await;
}

#[tokio::test]
async fn a_slow_reader_does_not_stall_receiving() {
    const TEXTS: usize = 1_000;
    let (log, mut reports) = unbounded_channel();
    let router = || {
        let log = log.clone();
        Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                let flood = ws.clone();
                let flood = tokio::spawn(async move {
                    for _ in 0..FLOOD {
                        flood.send_binary(vec![0; PIECE]).await?;
                    }
                    Ok::<_, Error>(())
                });
                while let Some(Message::Text(_)) = ws.recv().await {
                    log.send(flood.is_finished()).unwrap();
                }
                Response::ok()
            }
        })
    };
    everywhere(router, async |server| {
        let mut socket = open_narrow(&server).await;
        for _ in 0..TEXTS {
            socket.send(&text("heard?")).await;
        }
        for _ in 0..TEXTS {
            assert!(!next(&mut reports).await, "the flood went out although the peer does not read");
        }
    })
    .await;
}

/// The server stops reading while its pongs are not read. It then continues, and no pong is
/// missing.
#[tokio::test]
async fn pings_of_a_peer_that_never_reads_do_not_pile_up() {
    const PINGS: u32 = 1_000_000;
    const BATCH: u32 = 1_000;
    let payload = |n: u32| [&n.to_be_bytes()[..], &[0; 121]].concat();
    let size = frame(0x80 | PING, &payload(0)).len();
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = open_narrow(&server).await;
            let (mut made, mut left) = (0, 0);
            while left == 0 {
                assert!(made < PINGS, "the server has taken every ping");
                let batch: Vec<u8> =
                    (made..made + BATCH).flat_map(|n| frame(0x80 | PING, &payload(n))).collect();
                made += BATCH;
                left = batch.len() - socket.send_until_stuck(&batch).await;
            }
            // The last bytes may still be in the client's own TLS buffer.
            let sent = made - left.div_ceil(size) as u32;
            for n in 0..sent.saturating_sub(BATCH) {
                assert_eq!(socket.frame().await, Frame::whole(PONG, payload(n)));
            }
        },
    )
    .await;
}
