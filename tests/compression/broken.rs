//! Frames and streams that break RFC 7692, or RFC 6455 in what compression touches.

use ignitia::websocket::Compression;

use super::{
    all_echoes,
    blocks::{Blocks, Symbols::*},
    peer::{OFFER, Peer, compress, offering, serve},
    prose, with,
};
use crate::support::{
    BINARY, CLOSE, COMPRESSED, End, PING, PONG, Running, TEXT, echoes, everywhere, frame, text,
};

const FIN: u8 = 0x80;

/// Opens a connection, sends bytes, and expects a violation.
async fn refused(server: &Running, path: &str, bytes: &[u8], code: u16, what: &str) {
    println!("{what}");
    let mut peer = Peer::open(server, path, OFFER).await;
    peer.socket.send(bytes).await;
    assert!(!peer.expect_violation(code).await.is_empty());
}

/// The first reserved bit belongs to the first frame of a text or binary message.
#[tokio::test]
async fn reserved_bits_where_they_may_not_be() {
    let hello = compress(b"Hello");
    let (begin, end) = hello.split_at(3);
    let cases = [
        ("RSV1 on a continuation", [frame(COMPRESSED | TEXT, begin), frame(FIN | COMPRESSED, end)].concat()),
        (
            "RSV1 on a continuation in the middle",
            [frame(COMPRESSED | BINARY, begin), frame(COMPRESSED, b"")].concat(),
        ),
        (
            "RSV1 on a continuation of an uncompressed message",
            [frame(TEXT, b"a"), frame(FIN | COMPRESSED, &hello)].concat(),
        ),
        ("RSV1 on a continuation of nothing", frame(FIN | COMPRESSED, &hello)),
        ("RSV1 on a ping", frame(FIN | COMPRESSED | PING, b"")),
        ("RSV1 on a pong", frame(FIN | COMPRESSED | PONG, b"")),
        ("RSV1 on a close frame", frame(FIN | COMPRESSED | CLOSE, b"")),
        (
            "RSV1 on a ping in a message",
            [frame(COMPRESSED | TEXT, begin), frame(FIN | COMPRESSED | PING, b"")].concat(),
        ),
        ("RSV2", frame(FIN | 0x20 | TEXT, b"a")),
        ("RSV3", frame(FIN | 0x10 | TEXT, b"a")),
        ("RSV1 and RSV2", frame(FIN | COMPRESSED | 0x20 | TEXT, &hello)),
        ("RSV1 and RSV3", frame(FIN | COMPRESSED | 0x10 | BINARY, &hello)),
        ("all of them", frame(FIN | 0x70 | TEXT, &hello)),
        ("RSV1 on a reserved opcode", frame(FIN | COMPRESSED | 0x3, &hello)),
        (
            "a message in a message",
            [frame(COMPRESSED | TEXT, begin), frame(FIN | COMPRESSED | TEXT, &hello)].concat(),
        ),
        ("an uncompressed message in a message", [frame(COMPRESSED | TEXT, begin), text("a")].concat()),
    ];
    everywhere(all_echoes, async |server| {
        for path in ["/shared", "/dedicated"] {
            for (what, bytes) in &cases {
                refused(&server, path, bytes, 1002, what).await;
            }
        }
    })
    .await;
}

/// Byte by byte, where no more than the first byte has come.
#[tokio::test]
async fn reserved_bits_are_refused_at_once() {
    let server = serve(all_echoes()).await;
    for first in [FIN | COMPRESSED | PING, FIN | COMPRESSED, FIN | 0x20 | TEXT, FIN | 0x10 | BINARY] {
        let mut peer = Peer::open(&server, "/shared", OFFER).await;
        for byte in &frame(first, b"a")[..6] {
            if peer.socket.try_send(&[*byte]).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        peer.socket.expect_close(1002).await;
    }
}

/// On a route without compression, with an offer that was declined, and without an offer.
#[tokio::test]
async fn compressed_messages_that_were_not_agreed_on() {
    everywhere(all_echoes, async |server| {
        for (path, offer) in
            [("/ws", OFFER), ("/shared", ""), ("/shared", "permessage-deflate; x"), ("/dedicated", "foo")]
        {
            let (head, mut socket) = server.ask(&offering(path, &[offer])).await;
            assert_eq!((head.status, head.get("sec-websocket-extensions")), (101, None));
            socket.send(&frame(FIN | COMPRESSED | TEXT, &compress(b"Hello"))).await;
            assert_eq!(socket.expect_close(1002).await, "reserved bits are set");
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}

/// Messages that came before are answered.
#[tokio::test]
async fn broken_streams() {
    let copy = |distance| [Literals(b"abc"), Copy { length: 3, distance }];
    let message = compress(prose(1, 2_000).as_bytes());
    let mut invalid_code = Blocks::new();
    // The length codes 286 and 287, and the distances 30 and 31, are never used (RFC 1951, section
    // 3.2.6).
    invalid_code.push(0b010, 3);
    invalid_code.push(0b0110_0011, 8);
    let mut invalid_distance = Blocks::new();
    invalid_distance.push(0b010, 3);
    invalid_distance.push(0b000_0001, 7);
    invalid_distance.push(0b01111, 5);
    let mut no_codes = Blocks::new();
    no_codes.push(0b100, 3);
    no_codes.push(0, 60);
    let mut too_many_codes = Blocks::new();
    too_many_codes.push(0b100, 3);
    too_many_codes.push(0x3fff, 14);
    let cases = [
        ("a block of type 3", vec![0x06, 0x00]),
        (
            "a block of type 3 behind another",
            Blocks::new().stored(b"a").bytes().into_iter().chain([0x06]).collect(),
        ),
        (
            "a stored block with two lengths",
            vec![0x00, 0x05, 0x00, 0xfa, 0xfe, b'H', b'e', b'l', b'l', b'o', 0x00],
        ),
        ("a distance before the message", Blocks::new().fixed(&copy(4)).message()),
        ("a distance far before the message", Blocks::new().fixed(&copy(32_768)).message()),
        ("a distance of nothing", Blocks::new().fixed(&[Copy { length: 3, distance: 1 }]).message()),
        ("an unused length", invalid_code.bytes()),
        ("an unused distance", invalid_distance.bytes()),
        ("a dynamic block without codes", no_codes.bytes()),
        ("a dynamic block with too many codes", too_many_codes.bytes()),
        ("bytes behind the tail", [&message[..], &[0, 0, 0xff, 0xff, 0x07]].concat()),
        ("a broken stream behind a final block", [&Blocks::new().last(&[]).bytes()[..], &[0x06]].concat()),
        ("text that is not compressed", b"Hello, I was never compressed".to_vec()),
        ("JSON", br#"{"type":"say","text":"hi"}"#.to_vec()),
        ("a zlib header", [&[0x78, 0x9c][..], &message].concat()),
        ("a gzip header", [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &message].concat()),
        ("0xff", vec![0xff; 100]),
    ];
    everywhere(all_echoes, async |server| {
        for path in ["/shared", "/dedicated"] {
            for (what, broken) in &cases {
                println!("{path}: {what}");
                for frames in [
                    frame(FIN | COMPRESSED | BINARY, broken),
                    [frame(COMPRESSED | BINARY, &broken[..1]), frame(FIN, &broken[1..])].concat(),
                ] {
                    let mut peer = Peer::open(&server, path, OFFER).await;
                    peer.socket.send(&[text("before"), frames].concat()).await;
                    peer.expect_text("before").await;
                    assert_eq!(peer.expect_violation(1007).await, "the compressed message is broken");
                }
            }
        }
    })
    .await;
}

/// Cut off anywhere; a few of the beginnings are messages of their own.
#[tokio::test]
async fn truncated_streams() {
    let server = serve(all_echoes()).await;
    let messages = [
        compress(prose(1, 60).as_bytes()),
        compress(prose(1, 1_000).as_bytes()),
        Blocks::new().stored(b"abc").fixed(&[Copy { length: 9, distance: 3 }]).message(),
        Blocks::new().cut_off(&[Literals(b"abc")]).bytes(),
    ];
    for message in messages {
        for end in 1..message.len() {
            let cut_off = &message[..end];
            // Whole blocks, with the header of the next one: [RFC 7692, section 7.2.2] takes these.
            if [&[0x00][..]].contains(&cut_off) {
                continue;
            }
            let mut peer = Peer::open(&server, "/shared", OFFER).await;
            peer.socket.send(&frame(FIN | COMPRESSED | TEXT, cut_off)).await;
            let reason = peer.socket.expect_close(1007).await;
            assert_eq!(reason, "the compressed message is broken", "{end} bytes of {message:x?}");
        }
    }
}

/// A window that is smaller than the message before, and that nothing else comes into.
#[tokio::test]
async fn distances_that_are_too_far() {
    let with_8 = "permessage-deflate; client_max_window_bits=8";
    let with_10 = "permessage-deflate; client_max_window_bits=10; server_max_window_bits=15";
    for (configured, offer, bits) in
        [(9, OFFER, 9), (12, OFFER, 12), (14, OFFER, 14), (12, with_8, 8), (15, with_10, 10)]
    {
        let size = 1 << bits;
        let server = serve(echoes(with(Compression::dedicated().window_bits(configured)))).await;
        let noise: Vec<u8> = (0..3 * size as u32).map(|n| (n * 31 % 251) as u8).collect();
        for (distance, is_refused) in [(size, false), (size + 1, true), (2 * size, true)] {
            let mut peer = Peer::open(&server, "/ws", offer).await;
            assert!(peer.parameters.contains(&format!("client_max_window_bits={bits}")));
            peer.send(BINARY, &noise).await;
            peer.expect(BINARY, &noise).await;
            let far = Blocks::new().fixed(&[Copy { length: 3, distance }]).message();
            peer.socket.send(&frame(FIN | COMPRESSED | BINARY, &far)).await;
            if is_refused {
                peer.expect_violation(1007).await;
            } else {
                peer.expect(BINARY, &noise[noise.len() - distance..][..3]).await;
            }
        }
        // A client that has agreed not to.
        let no_context = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
        let mut peer = Peer::open(&server, "/ws", no_context).await;
        assert!(peer.parameters.contains("client_no_context_takeover"), "{}", peer.parameters);
        peer.send(BINARY, &noise).await;
        peer.expect(BINARY, &noise).await;
        let near = Blocks::new().fixed(&[Copy { length: 3, distance: 3 }]).message();
        peer.socket.send(&frame(FIN | COMPRESSED | BINARY, &near)).await;
        peer.expect_violation(1007).await;
    }
}

/// The memory of one connection's message is nothing that another one could refer to.
#[tokio::test]
async fn nothing_of_other_connections_can_be_read() {
    let server = serve(all_echoes()).await;
    let secret = b"the password is swordfish, and never tell".repeat(200);
    let mut other = Peer::open(&server, "/dedicated", OFFER).await;
    other.send(BINARY, &secret).await;
    other.expect(BINARY, &secret).await;
    for path in ["/shared", "/dedicated"] {
        for distance in [1, 3, 41, 512, 4_096, 8_200, 32_768] {
            for begin in [&b""[..], b"a"] {
                let mut peer = Peer::open(&server, path, OFFER).await;
                let symbols = [Literals(begin), Copy { length: 258, distance: distance + begin.len() }];
                if distance + begin.len() > 32_768 {
                    continue;
                }
                peer.socket
                    .send(&frame(FIN | COMPRESSED | BINARY, &Blocks::new().fixed(&symbols).message()))
                    .await;
                peer.expect_violation(1007).await;
                // Nor while the other one is in the middle of a message.
                other.socket.send(&frame(COMPRESSED | BINARY, &compress(&secret)[..30])).await;
                other.socket.send(&frame(FIN, &compress(&secret)[30..])).await;
                other.expect(BINARY, &secret).await;
            }
        }
    }
}
