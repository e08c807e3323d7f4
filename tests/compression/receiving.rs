//! Messages of clients in every valid form.

use ignitia::websocket::{Compression, WebSocketConfig};

use super::{
    all_echoes,
    blocks::{Blocks, Symbols::*},
    peer::{OFFER, Peer, compress, serve},
    prose, with,
};
use crate::support::{
    BINARY, COMPRESSED, Dice, Frame, PING, PONG, TEXT, Transport, close, echo, echoes, everywhere, frame,
    text,
};

const FIN: u8 = 0x80;

/// Splits a compressed message into frames of these lengths; the last one takes the rest. Only the
/// first frame says that it is compressed.
fn fragments(opcode: u8, message: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
    let (mut frames, mut rest) = (Vec::new(), message);
    for (n, length) in lengths.iter().chain([&usize::MAX]).enumerate() {
        let (piece, behind) = rest.split_at((*length).min(rest.len()));
        rest = behind;
        let first = if n == 0 { COMPRESSED | opcode } else { 0 };
        let fin = if n == lengths.len() { FIN } else { 0 };
        frames.push(frame(fin | first, piece));
    }
    frames
}

#[tokio::test]
async fn one_frame_over_every_transport() {
    everywhere(all_echoes, async |server| {
        for path in ["/shared", "/dedicated"] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            for (n, length) in [0, 1, 5, 100, 255, 256, 1_000, 20_000, 70_000].into_iter().enumerate() {
                let message = prose(n, length);
                peer.send_text(&message).await;
                assert_eq!(peer.expect_text(&message).await, length >= 256);
                peer.send(BINARY, message.as_bytes()).await;
                assert!(!peer.expect(BINARY, message.as_bytes()).await);
            }
        }
    })
    .await;
}

/// Fragments of every size, empty ones among them, in one piece and byte by byte.
#[tokio::test]
async fn fragments_of_all_sizes() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        for n in 1..40 {
            let message = prose(n, 300);
            let compressed = peer.deflater.compress(message.as_bytes());
            let lengths = vec![n; compressed.len() / n];
            peer.socket.send(&fragments(TEXT, &compressed, &lengths).concat()).await;
            peer.expect_text(&message).await;
        }
        for lengths in
            [&[0][..], &[0, 0, 0], &[1, 0, 1, 0], &[usize::MAX], &[usize::MAX, 0, 0], &[0, usize::MAX]]
        {
            let message = prose(lengths.len(), 400);
            let compressed = peer.deflater.compress(message.as_bytes());
            peer.socket.send(&fragments(TEXT, &compressed, lengths).concat()).await;
            peer.expect_text(&message).await;
        }
    }
}

#[tokio::test]
async fn control_frames_between_fragments() {
    everywhere(all_echoes, async |server| {
        let mut peer = Peer::open(&server, "/shared", OFFER).await;
        let message = prose(1, 2_000);
        let frames = fragments(TEXT, &compress(message.as_bytes()), &[1, 0, 7, 50]);
        let count = frames.len();
        for (n, frame_of_message) in frames.into_iter().enumerate() {
            peer.socket.send(&frame_of_message).await;
            if n + 1 < count {
                peer.socket
                    .send(&[frame(FIN | PONG, b"unasked"), frame(FIN | PING, &[n as u8])].concat())
                    .await;
                assert_eq!(peer.socket.any_frame().await, Frame::whole(PONG, [n as u8]));
            }
        }
        assert!(peer.expect_text(&message).await);
        // A close frame inside of a message ends it.
        let frames = fragments(TEXT, &compress(message.as_bytes()), &[10]);
        peer.socket.send(&[&frames[0][..], &close(1000, "")].concat()).await;
        assert_eq!(peer.socket.any_frame().await.close_code().0, 1000);
    })
    .await;
}

/// Every step in which bytes can arrive: frame headers and blocks are cut anywhere.
#[tokio::test]
async fn every_step_of_arrival() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        for step in [1, 2, 3, 5, 7, 11, 64] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            for n in 0..3 {
                let message = prose(n, 700);
                let compressed = peer.deflater.compress(message.as_bytes());
                let whole = frame(FIN | COMPRESSED | TEXT, &compressed);
                let cut = fragments(TEXT, &compressed, &[3, 40]).concat();
                for piece in if n == 1 { cut } else { whole }.chunks(step) {
                    peer.socket.send(piece).await;
                    tokio::task::yield_now().await;
                }
                peer.expect_text(&message).await;
            }
        }
    }
}

/// An empty message is the header of an empty block, or nothing at all, or several empty blocks.
#[tokio::test]
async fn empty_messages() {
    everywhere(all_echoes, async |server| {
        for path in ["/shared", "/dedicated"] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            let blocks = Blocks::new().fixed(&[]).stored(b"").fixed(&[]).stored(b"");
            let last = Blocks::new().last(&[]);
            for empty in
                [&[][..], &[0], &blocks.message(), &[0x02, 0x00], &last.clone().bytes(), &last.message()]
            {
                for opcode in [TEXT, BINARY] {
                    peer.socket.send(&frame(FIN | COMPRESSED | opcode, empty)).await;
                    assert!(!peer.expect(opcode, b"").await);
                    peer.socket.send(&fragments(opcode, empty, &[0, 0]).concat()).await;
                    assert!(!peer.expect(opcode, b"").await);
                }
            }
            peer.send_text(&prose(1, 300)).await;
            peer.expect_text(&prose(1, 300)).await;
        }
    })
    .await;
}

/// Blocks of each kind, and several of them.
#[tokio::test]
async fn blocks_of_all_kinds() {
    let long = vec![b'l'; 65_535];
    let copy = |length, distance| Copy { length, distance };
    let (hello, copies) = ("Hello".repeat(52) + "Hel", [Literals(b"Hello"), copy(258, 5)]);
    let messages = [
        (Blocks::new().stored(b"as it is"), b"as it is".to_vec()),
        (Blocks::new().stored(&long).stored(b"").stored(&long), [&long[..], &long].concat()),
        (Blocks::new().fixed(&copies), hello.into_bytes()),
        (Blocks::new().stored(b"abc").fixed(&[copy(3, 3)]).fixed(&[copy(6, 6)]), b"abcabcabcabc".to_vec()),
        (Blocks::new().fixed(&[Literals(b"a")]).fixed(&[]).fixed(&[Literals(b"b")]), b"ab".to_vec()),
    ];
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        for (blocks, expected) in &messages {
            let message = blocks.clone().message();
            peer.socket.send(&frame(FIN | COMPRESSED | BINARY, &message)).await;
            peer.expect(BINARY, expected).await;
            peer.socket.send(&fragments(BINARY, &message, &[1, 1, 1, 3]).concat()).await;
            peer.expect(BINARY, expected).await;
        }
    }
}

/// A message refers to any byte of the window before it, as far as it was agreed on.
#[tokio::test]
async fn a_message_may_refer_to_those_before_it() {
    for bits in [9, 12, 15] {
        let server = serve(echoes(with(Compression::dedicated().window_bits(bits)))).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        assert!(peer.parameters.ends_with(&format!("client_max_window_bits={bits}")), "{}", peer.parameters);
        let size = 1 << bits;
        let mut dice = Dice(9);
        let mut sent: Vec<u8> = Vec::new();
        for round in 0..200 {
            let literals: Vec<u8> = (0..dice.roll(300)).map(|_| dice.roll(256) as u8).collect();
            let mut expected = literals.clone();
            let mut symbols = vec![Literals(&literals)];
            for _ in 0..dice.roll(20) {
                let reach = (sent.len() + expected.len()).min(size);
                if reach == 0 {
                    continue;
                }
                // The farthest byte is the most likely to be missing.
                let distance = if dice.roll(3) == 0 { reach } else { 1 + dice.roll(reach) };
                let length = 3 + dice.roll(256);
                symbols.push(Copy { length, distance });
                for _ in 0..length {
                    let all = sent.len() + expected.len();
                    let from = all - distance;
                    expected.push(if from < sent.len() { sent[from] } else { expected[from - sent.len()] });
                }
            }
            let message = Blocks::new().fixed(&symbols).message();
            let mut bytes = frame(FIN | COMPRESSED | BINARY, &message);
            match round % 4 {
                // Neither these nor control frames belong to the window.
                0 => bytes = [frame(FIN | BINARY, &[7; 900]), bytes].concat(),
                1 => {
                    bytes = [frame(FIN | PONG, &[8; 100]), fragments(BINARY, &message, &[2, 0, 9]).concat()]
                        .concat()
                }
                _ => {}
            }
            peer.socket.send(&bytes).await;
            if round % 4 == 0 {
                peer.expect(BINARY, &[7; 900]).await;
            }
            peer.expect(BINARY, &expected).await;
            sent.extend_from_slice(&expected);
        }
    }
}

/// Compressed messages after others, in any order, each with the window of the compressed ones.
#[tokio::test]
async fn compressed_messages_among_uncompressed_ones() {
    let mut dice = Dice(3);
    let config = with(Compression::dedicated().window_bits(15).binary(true).min_size(0));
    everywhere(
        || echoes(config.clone()),
        async |server| {
            let mut peer = Peer::open(&server, "/ws", OFFER).await;
            for n in 0..80 {
                let length = dice.roll(600);
                let message = prose(n % 10, length);
                let opcode = *dice.pick(&[TEXT, BINARY]);
                if dice.roll(3) == 0 {
                    peer.socket.send(&frame(FIN | opcode, message.as_bytes())).await;
                } else {
                    peer.send(opcode, message.as_bytes()).await;
                }
                peer.expect(opcode, message.as_bytes()).await;
            }
        },
    )
    .await;
}

/// As many as there is room for are sent in one go.
#[tokio::test]
async fn a_burst_of_messages() {
    const MESSAGES: usize = 200;
    for transport in [Transport::Plain, Transport::Http2] {
        let server = transport.serve(all_echoes()).await;
        for path in ["/shared", "/dedicated"] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            let mut burst = Vec::new();
            for n in 0..MESSAGES {
                let message = prose(n, n);
                let compressed = peer.deflater.compress(message.as_bytes());
                burst.extend(match n % 3 {
                    0 => text(&format!("as it is: {n}")),
                    1 => fragments(TEXT, &compressed, &[n / 7]).concat(),
                    _ => frame(FIN | COMPRESSED | TEXT, &compressed),
                });
                if n % 3 == 0 {
                    // It was compressed, but never sent.
                    peer.deflater = super::peer::PeerDeflater::new(false);
                }
            }
            peer.socket.send(&burst).await;
            for n in 0..MESSAGES {
                let expected = if n % 3 == 0 { format!("as it is: {n}") } else { prose(n, n) };
                peer.expect_text(&expected).await;
            }
        }
    }
}

/// Up to the limit of the route, which is that of the message and not of what goes over the wire.
#[tokio::test]
async fn large_messages() {
    const LARGE: usize = 16 << 20;
    let config = with(Compression::shared()).max_message_size(LARGE).outbox_bytes(2 * LARGE);
    let router = || echoes(config.clone()).websocket_with("/default", echo, with(Compression::shared()));
    let server = serve(router()).await;
    let whole = prose(1, 1 << 10).repeat(LARGE >> 10);
    for (path, length) in [("/default", 1 << 20), ("/ws", LARGE)] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        let message = &whole[..length];
        peer.send_text(message).await;
        assert!(peer.expect_text(message).await);
        let compressed = compress(message.as_bytes());
        if length < LARGE {
            let third = compressed.len() / 3;
            peer.socket.send(&fragments(TEXT, &compressed, &[third, third]).concat()).await;
            assert!(peer.expect_text(message).await);
        }
    }
    // What cannot be compressed is a little longer than the limit.
    let mut dice = Dice(1);
    let noise: Vec<u8> = (0..1 << 20).map(|_| dice.roll(256) as u8).collect();
    let mut stored = Blocks::new();
    for piece in noise.chunks(500) {
        stored = stored.stored(piece);
    }
    let mut peer = Peer::open(&server, "/default", OFFER).await;
    peer.socket.send(&frame(FIN | COMPRESSED | BINARY, &stored.message())).await;
    assert!(!peer.expect(BINARY, &noise).await);
    let config = WebSocketConfig::default();
    assert_eq!(config.max_message_size, noise.len());
}

/// No arithmetic fails at the largest limit that there is.
#[tokio::test]
async fn a_route_without_a_limit() {
    for compression in [Compression::shared(), Compression::dedicated().window_bits(15)] {
        let server = serve(echoes(with(compression).max_message_size(usize::MAX))).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        for length in [0, 10, 100_000] {
            let message = prose(1, length);
            let compressed = peer.deflater.compress(message.as_bytes());
            let half = compressed.len() / 2;
            peer.socket.send(&fragments(TEXT, &compressed, &[half]).concat()).await;
            peer.expect_text(&message).await;
            peer.send_text(&message).await;
            peer.expect_text(&message).await;
        }
    }
}

/// Connections whose messages arrive in parts at the same time, on several threads: each has a
/// decompressor of its own, wherever it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn incomplete_messages_of_many_connections() {
    const PEERS: usize = 16;
    let server = serve(all_echoes()).await;
    let mut tasks = Vec::new();
    for n in 0..PEERS {
        let mut peer = Peer::open(&server, if n % 2 == 0 { "/shared" } else { "/dedicated" }, OFFER).await;
        tasks.push(tokio::spawn(async move {
            let mut dice = Dice(1 + n as u64);
            for round in 0..20 {
                let message = prose(n * 31 + round, 200 + dice.roll(3_000));
                let compressed = peer.deflater.compress(message.as_bytes());
                let frames = fragments(TEXT, &compressed, &vec![40; compressed.len() / 40]);
                for frame in frames {
                    peer.socket.send(&frame).await;
                    tokio::task::yield_now().await;
                }
                peer.expect_text(&message).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
