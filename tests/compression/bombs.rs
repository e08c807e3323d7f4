//! Bombs: a few bytes that become many. Decompression stops at the longest message.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, Compression},
};
use tokio::sync::mpsc::unbounded_channel;

use super::{
    blocks::Blocks,
    peer::{OFFER, Peer, compress, serve},
    with,
};
use crate::support::{
    BINARY, Bystander, COMPRESSED, End, HEAP, TEXT, echo, everywhere, frame, header, heap, is_alone, next,
    reporting_echo, transport,
};

const FIN: u8 = 0x80;

/// Longest message of these routes.
const MAX: usize = 100_000;

fn router() -> Router {
    let config = |compression| with(compression).max_message_size(MAX);
    Router::new()
        .websocket("/ws", echo)
        .websocket_with("/shared", echo, config(Compression::shared()))
        .websocket_with("/dedicated", echo, config(Compression::dedicated().window_bits(15)))
        .websocket_with("/tiny", echo, with(Compression::shared()).max_message_size(10))
        .websocket_with("/none", echo, with(Compression::shared()).max_message_size(0))
}

/// Returns a message of so many zeros, at the best ratio.
fn bomb(length: usize) -> Vec<u8> {
    compress(&vec![0; length])
}

/// Returns it in fragments of one byte, with an empty one at the end.
fn crumbs(opcode: u8, message: &[u8]) -> Vec<u8> {
    let (first, rest) = message.split_first().unwrap();
    let rest = rest.iter().flat_map(|byte| frame(0x00, &[*byte]));
    frame(COMPRESSED | opcode, &[*first]).into_iter().chain(rest).chain(frame(FIN, b"")).collect()
}

/// Exactly the limit, and one byte more.
#[tokio::test]
async fn a_message_is_refused_as_soon_as_it_is_too_long() {
    everywhere(router, async |server| {
        for (path, max) in [("/shared", MAX), ("/dedicated", MAX), ("/tiny", 10), ("/none", 0)] {
            for opcode in [TEXT, BINARY] {
                let whole = |message: &[u8]| frame(FIN | COMPRESSED | opcode, message);
                let (allowed, refused) = (bomb(max), bomb(max + 1));
                for allowed in [whole(&allowed), crumbs(opcode, &allowed)] {
                    let mut peer = Peer::open(&server, path, OFFER).await;
                    peer.socket.send(&allowed).await;
                    peer.expect(opcode, &vec![0; max]).await;
                }
                // Its end never comes.
                let mut begin = frame(COMPRESSED | opcode, &refused);
                begin.extend_from_slice(&frame(0x00, &[0, 0, 0xff, 0xff]));
                for refused in [whole(&refused), crumbs(opcode, &refused), begin, whole(&bomb(9 * max + 1))] {
                    let mut peer = Peer::open(&server, path, OFFER).await;
                    let _ = peer.socket.try_send(&refused).await;
                    assert_eq!(peer.socket.expect_close(1009).await, "the message is too big", "{path}");
                    assert_eq!(peer.socket.drain().await, End::Eof);
                }
            }
        }
    })
    .await;
}

/// The window of the messages before counts for no message, and reaches into the next one.
#[tokio::test]
async fn bombs_with_context_takeover() {
    let server = serve(router()).await;
    let mut peer = Peer::open(&server, "/dedicated", OFFER).await;
    for _ in 0..5 {
        peer.send(BINARY, &vec![0; MAX]).await;
        peer.expect(BINARY, &vec![0; MAX]).await;
    }
    peer.send(BINARY, &vec![0; MAX + 1]).await;
    peer.expect_violation(1009).await;
}

/// The end of a message that is too long is not looked for: what is broken behind it does not
/// matter. One that breaks before is broken.
#[tokio::test]
async fn the_first_fault_counts() {
    let server = serve(router()).await;
    let too_long = [&bomb(2 * MAX)[..], &[0, 0, 0xff, 0xff, 0x06]].concat();
    let broken = [&bomb(MAX / 2)[..], &[0, 0, 0xff, 0xff, 0x06], &bomb(2 * MAX)].concat();
    for (message, code) in [(too_long, 1009), (broken, 1007)] {
        let mut peer = Peer::open(&server, "/shared", OFFER).await;
        peer.socket.send(&frame(FIN | COMPRESSED | BINARY, &message)).await;
        peer.expect_violation(code).await;
    }
}

/// The handler gets the messages before, and the end says what it was.
#[tokio::test]
async fn the_handler_learns_of_it() {
    let (causes, mut reports) = unbounded_channel();
    let router = || {
        let causes = causes.clone();
        Router::new().websocket_with(
            "/ws",
            move |ws: WebSocketConnection| reporting_echo(ws, causes.clone()),
            with(Compression::shared()).max_message_size(MAX),
        )
    };
    everywhere(router, async |server| {
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        peer.socket.send(&frame(FIN | COMPRESSED | TEXT, &compress(b"before"))).await;
        peer.socket.send(&frame(FIN | COMPRESSED | TEXT, &bomb(MAX + 1))).await;
        peer.expect_text("before").await;
        peer.expect_violation(1009).await;
        let cause = next(&mut reports).await;
        assert_eq!((cause.kind, cause.frame.map(|frame| frame.code)), (CloseKind::Violation, Some(1009)));
    })
    .await;
}

/// Empty blocks without end become nothing: the bytes of them are limited, too, by the length that
/// is announced or has come.
#[tokio::test]
async fn empty_blocks_without_end_are_refused() {
    let server = serve(router()).await;
    let empty = Blocks::new().stored(b"").bytes();
    let blocks = empty.repeat(20_000 / empty.len());
    for opcode in [TEXT, BINARY] {
        let mut peer = Peer::open(&server, "/shared", OFFER).await;
        peer.socket.send(&frame(COMPRESSED | opcode, &blocks)).await;
        let mut sent = blocks.len();
        while peer.socket.try_send(&frame(0x00, &blocks)).await.is_ok() && sent < 4 * MAX {
            sent += blocks.len();
            tokio::task::yield_now().await;
        }
        assert_eq!(peer.socket.expect_close(1009).await, "the message is too big");
        // At its header.
        let mut peer = Peer::open(&server, "/shared", OFFER).await;
        peer.socket.send(&header(FIN | COMPRESSED | opcode, 2 * MAX as u64)).await;
        peer.expect_violation(1009).await;
    }
}

/// 32 MiB in 32 KiB: the heap never grows by much more than the longest message.
#[tokio::test]
async fn memory_is_bounded_by_the_longest_message() {
    const MAX: usize = 1 << 20;
    if !is_alone("compression::bombs::memory_is_bounded_by_the_longest_message") {
        return;
    }
    let config = |compression| with(compression).max_message_size(MAX);
    let router = Router::new()
        .websocket("/ws", echo)
        .websocket_with("/shared", echo, config(Compression::shared()))
        .websocket_with("/dedicated", echo, config(Compression::dedicated().window_bits(15)));
    let server = serve(router).await;
    let mut bystander = Bystander::of(&server).await;
    let bomb = bomb(32 << 20);
    assert!(bomb.len() < 40 << 10, "{}", bomb.len());
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        // The decompressor of the thread.
        peer.socket.send(&frame(FIN | COMPRESSED | TEXT, &compress(b"once"))).await;
        peer.expect_text("once").await;
        for opcode in [TEXT, BINARY] {
            for first in [FIN | COMPRESSED | opcode, COMPRESSED | opcode] {
                let bytes = frame(first, &bomb);
                let mut peer = Peer::open(&server, path, OFFER).await;
                let (before, allocated) = (heap(), HEAP.stats().bytes_allocated);
                peer.socket.send(&bytes).await;
                peer.socket.expect_close(1009).await;
                // All allocations together are more than there ever is.
                let (left, taken) = (heap().saturating_sub(before), HEAP.stats().bytes_allocated - allocated);
                println!("{path}: {taken} bytes, of which {left} are left");
                assert!(taken < 5 * MAX / 2 && left < 64 << 10, "{path}: {taken} bytes, {left} are left");
            }
        }
    }
    bystander.is_served().await;
}

/// A handler that never receives: its messages wait in the kernel, but for one.
#[tokio::test(start_paused = true)]
async fn bombs_that_are_not_received_are_not_read_without_bound() {
    if !is_alone("compression::bombs::bombs_that_are_not_received_are_not_read_without_bound") {
        return;
    }
    const MAX: usize = 1 << 20;
    const BOMBS: usize = 50;
    async fn deaf(ws: WebSocketConnection) -> Result<Response> {
        ws.accept().await?;
        ws.closed().await;
        Ok(Response::ok())
    }
    for (length, opcode) in [(MAX, BINARY), (MAX, TEXT), (20_000, BINARY)] {
        let bombs = frame(FIN | COMPRESSED | opcode, &bomb(length)).repeat(BOMBS);
        let config = with(Compression::shared()).max_message_size(MAX);
        let (client, transport) = tokio::io::duplex(2 * bombs.len());
        tokio::spawn(transport::serve(Router::new().websocket_with("/", deaf, config), transport));
        let mut peer = Peer::on(client.into(), "/", OFFER).await;
        let before = heap();
        peer.socket.send(&bombs).await;
        // The input is peeked at for control frames, once a second.
        tokio::time::sleep(Duration::from_secs(10)).await;
        let grown = heap().saturating_sub(before);
        assert!(grown < length + (600 << 10), "{length}: {grown} bytes");
    }
}
