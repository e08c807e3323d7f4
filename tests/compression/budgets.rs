//! Limits of what a peer may send, in compressed messages: they count what the server has to hold.

use ignitia::{
    limits::{Limits, Rate},
    prelude::*,
    websocket::{Compression, RateExceeded, WebSocketConfig},
};

use super::{
    peer::{OFFER, Peer, compress, serve},
    prose, with,
};
use crate::support::{
    BINARY, COMPRESSED, End, Frame, PING, PONG, Running, TEXT, echo, echoes, everywhere, frame,
};

const FIN: u8 = 0x80;

/// Number of bytes that a decompressor counts for.
const DECOMPRESSOR: usize = 48 << 10;

fn limited(max_incomplete_bytes: usize) -> Router {
    Router::new()
        .limits(Limits::default().max_incomplete_bytes(max_incomplete_bytes))
        .websocket_with("/shared", echo, with(Compression::shared()))
        .websocket_with("/dedicated", echo, with(Compression::dedicated()))
}

/// Opens a connection and sends the beginning of a message, which the server has read then.
async fn begin(server: &Running, path: &str, bytes: &[u8]) -> Peer {
    let mut peer = Peer::open(server, path, OFFER).await;
    peer.socket.send(&[bytes, &frame(FIN | PING, b"read?")].concat()).await;
    assert_eq!(peer.socket.any_frame().await, Frame::whole(PONG, "read?"));
    peer
}

/// Returns a connection that is refused because of the others.
async fn refused(server: &Running, path: &str, bytes: &[u8]) {
    let mut peer = Peer::open(server, path, OFFER).await;
    peer.socket.send(bytes).await;
    peer.expect_violation(1013).await;
}

/// A few bytes hold a decompressor. It is given back with the message, or with the connection.
#[tokio::test]
async fn a_decompressor_counts_for_its_memory() {
    let message = prose(1, 300);
    let compressed = compress(message.as_bytes());
    let fragment = frame(COMPRESSED | TEXT, &compressed[..20]);
    let rest = frame(FIN, &compressed[20..]);
    everywhere(
        || limited(2 * DECOMPRESSOR + 2_000),
        async |server| {
            for path in ["/shared", "/dedicated"] {
                for _ in 0..3 {
                    let mut first = begin(&server, path, &fragment).await;
                    let mut second = begin(&server, path, &fragment).await;
                    refused(&server, path, &fragment).await;
                    // An empty fragment holds one as well.
                    refused(&server, path, &frame(COMPRESSED | TEXT, b"")).await;
                    // So does a frame of which a byte is missing.
                    let whole = frame(FIN | COMPRESSED | TEXT, &compressed);
                    refused(&server, path, &whole[..whole.len() - 1]).await;
                    // A whole message needs nothing.
                    let mut third = Peer::open(&server, path, OFFER).await;
                    third.socket.send(&whole).await;
                    third.expect_text(&message).await;
                    // Complete.
                    first.socket.send(&rest).await;
                    first.expect_text(&message).await;
                    let mut fourth = begin(&server, path, &fragment).await;
                    // Broken.
                    fourth.socket.send(&frame(FIN, &[0xff; 9])).await;
                    assert!([1007, 1002].contains(&fourth.socket.any_frame().await.close_code().0));
                    assert_eq!(fourth.socket.end().await, End::Eof);
                    let fifth = begin(&server, path, &fragment).await;
                    // Gone.
                    fifth.socket.reset();
                    let mut sixth = loop {
                        let mut peer = Peer::open(&server, path, OFFER).await;
                        peer.socket.send(&[&fragment[..], &frame(FIN | PING, b"")].concat()).await;
                        if peer.socket.any_frame().await.opcode == PONG {
                            break peer;
                        }
                    };
                    for peer in [&mut second, &mut sixth] {
                        peer.socket.send(&rest).await;
                        peer.expect_text(&message).await;
                    }
                }
            }
        },
    )
    .await;
}

/// Not the bytes that come over the wire, but those that they become.
#[tokio::test]
async fn decompressed_bytes_are_counted() {
    const MANY: usize = 500_000;
    let zeros = vec![0; MANY];
    let compressed = compress(&zeros);
    assert!(compressed.len() < 1_000);
    // All of it, but for the end of the last block.
    let almost = [&compressed[..], &[0, 0, 0xff, 0xff]].concat();
    everywhere(
        || limited(2 * (MANY + DECOMPRESSOR) + 1_000),
        async |server| {
            for path in ["/shared", "/dedicated"] {
                for opcode in [TEXT, BINARY] {
                    let fragment = frame(COMPRESSED | opcode, &almost);
                    let mut peers =
                        [begin(&server, path, &fragment).await, begin(&server, path, &fragment).await];
                    refused(&server, path, &fragment).await;
                    for peer in &mut peers {
                        // An empty block ends the message.
                        peer.socket.send(&frame(FIN, &[0])).await;
                        peer.expect(opcode, &zeros).await;
                    }
                }
            }
        },
    )
    .await;
}

/// A budget that is too small for a decompressor admits whole messages only.
#[tokio::test]
async fn a_small_budget_admits_whole_messages() {
    let server = serve(limited(10_000)).await;
    let compressed = compress(prose(1, 3_000).as_bytes());
    let mut peer = Peer::open(&server, "/shared", OFFER).await;
    peer.socket.send(&frame(FIN | COMPRESSED | TEXT, &compressed)).await;
    peer.expect_text(&prose(1, 3_000)).await;
    refused(&server, "/shared", &frame(COMPRESSED | TEXT, &compressed)).await;
}

#[tokio::test]
async fn fragments_are_counted() {
    let config = |compression| with(compression).max_fragments(10);
    let server = serve(echoes(config(Compression::shared()))).await;
    for (empty, code) in [(8, None), (9, Some(1008))] {
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        let hello = compress(b"Hello");
        peer.socket.send(&frame(COMPRESSED | TEXT, &hello)).await;
        peer.socket.send(&frame(0x00, b"").repeat(empty)).await;
        peer.socket.send(&frame(FIN, b"")).await;
        match code {
            None => drop(peer.expect_text("Hello").await),
            Some(code) => drop(peer.expect_violation(code).await),
        }
    }
}

/// A thousand bytes each, of which few come over the wire; the fourth one is above the rate.
#[tokio::test]
async fn rates_count_decompressed_bytes() {
    let message = "x".repeat(1_000);
    let compressed = compress(message.as_bytes());
    assert!(compressed.len() < 30);
    let close = |config: WebSocketConfig| config.on_rate_exceeded(RateExceeded::Close);
    for config in [
        close(with(Compression::shared()).byte_rate(Rate::new(1, 3_000))),
        close(with(Compression::shared()).message_rate(Rate::new(1, 3))),
    ] {
        everywhere(
            || echoes(config.clone()),
            async |server| {
                let mut peer = Peer::open(&server, "/ws", OFFER).await;
                for _ in 0..2 {
                    peer.socket.send(&frame(FIN | COMPRESSED | TEXT, &compressed)).await;
                }
                let (begin, end) = compressed.split_at(10);
                for _ in 0..2 {
                    peer.socket.send(&[frame(COMPRESSED | TEXT, begin), frame(FIN, end)].concat()).await;
                }
                for _ in 0..3 {
                    peer.expect_text(&message).await;
                }
                peer.expect_violation(1008).await;
            },
        )
        .await;
    }
}
