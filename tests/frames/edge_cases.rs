//! Frames at the edges of the protocol: every first byte, texts that break between fragments, and
//! frames around the end.

use std::time::Duration;

use futures_util::future::join_all;
use ignitia::{prelude::*, websocket::WebSocketConfig};

use self::Answer::{Closed, Data, Nothing, Ponged};
use crate::support::{
    BINARY, Bystander, CLOSE, End, Frame, PING, PONG, RawSocket, Running, TEXT, Transport, close, echo,
    everywhere, frame, header, text, within,
};

const FIN: u8 = 0x80;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The same message.
    Data,
    Ponged,
    /// No answer: the connection continues.
    Nothing,
    /// A close frame with this code.
    Closed(u16),
}

/// Returns the answer to a frame without a payload that begins with this byte: RFC 6455, section
/// 5.2.
fn answer(first: u8, masked: bool, inside_a_message: bool) -> Answer {
    let (fin, reserved, opcode) = (first & FIN != 0, first & 0x70, first & 0x0f);
    match opcode {
        _ if !masked || reserved != 0 => Closed(1002),
        0 if inside_a_message => {
            if fin {
                Data
            } else {
                Nothing
            }
        }
        TEXT | BINARY if !inside_a_message => {
            if fin {
                Data
            } else {
                Nothing
            }
        }
        CLOSE if fin => Closed(1005),
        PING if fin => Ponged,
        PONG if fin => Nothing,
        _ => Closed(1002),
    }
}

async fn fresh(server: &Running, connection: &RawSocket) -> RawSocket {
    if server.transport == Transport::Http2 {
        let mut socket = connection.sibling();
        socket.upgrade("/ws").await;
        return socket;
    }
    server.open("/ws").await
}

#[tokio::test]
async fn every_first_byte_of_a_frame_has_its_answer() {
    for transport in [Transport::Plain, Transport::Http2] {
        let server = transport.serve(Router::new().websocket("/ws", echo)).await;
        let connection = server.open("/ws").await;
        for inside in [false, true] {
            for (first, masked) in (0..=u8::MAX).flat_map(|first| [(first, true), (first, false)]) {
                let expected = answer(first, masked, inside);
                println!("{first:#04x}, masked: {masked}, inside a message: {inside}: {expected:?}");
                let mut socket = fresh(&server, &connection).await;
                let begun = if inside { frame(BINARY, b"x") } else { Vec::new() };
                let bytes = if masked { frame(first, b"") } else { vec![first, 0] };
                socket.send(&[begun, bytes].concat()).await;
                let opcode = if inside { BINARY } else { first & 0x0f };
                let payload = if inside { &b"x"[..] } else { b"" };
                match expected {
                    Closed(code) => {
                        socket.expect_close(code).await;
                        assert_eq!(socket.end().await, End::Eof);
                        continue;
                    }
                    Data => assert_eq!(socket.frame().await, Frame::whole(opcode, payload)),
                    Ponged => assert_eq!(socket.frame().await, Frame::whole(PONG, "")),
                    Nothing => {}
                }
                // A message that has begun can still be completed.
                let is_begun = if first & 0x0f <= BINARY { first & FIN == 0 } else { inside };
                if is_begun {
                    socket.send(&frame(FIN, b"!")).await;
                    assert_eq!(socket.frame().await, Frame::whole(opcode, [payload, b"!"].concat()));
                }
                socket.send(&text("on")).await;
                socket.expect_text("on").await;
            }
        }
    }
}

type Row = (&'static str, Vec<u8>, u16);

fn fragments(opcode: u8, parts: &[&[u8]]) -> Vec<u8> {
    let last = parts.len() - 1;
    let frames = parts
        .iter()
        .enumerate()
        .map(|(n, part)| frame(if n == 0 { opcode } else { 0 } | if n == last { FIN } else { 0 }, part));
    frames.collect::<Vec<_>>().concat()
}

/// Each is broken at the first byte of the second fragment or later; the third is never read.
fn texts() -> Vec<Row> {
    let text = |parts: &[&[u8]]| fragments(TEXT, parts);
    vec![
        ("a surrogate in two fragments", text(&[b"\xed", b"\xa0\x80", b"x"]), 1007),
        ("a surrogate in three", text(&[b"\xed", b"\xa0", b"\x80"]), 1007),
        ("a pair of surrogates", text(&[b"\xed\xa0", b"\xbd\xed", b"\xb8\x80"]), 1007),
        ("an overlong NUL in two", text(&[b"\xc0", b"\x80", b"x"]), 1007),
        ("an overlong slash in three", text(&[b"\xe0", b"\x80", b"\xaf"]), 1007),
        ("an overlong form of four bytes", text(&[b"\xf0", b"\x80", b"\x80\x80"]), 1007),
        ("beyond the last character in two", text(&[b"\xf4", b"\x90\x80\x80", b"x"]), 1007),
        ("five bytes", text(&[b"\xf8\x88", b"\x80\x80\x80", b"x"]), 1007),
        ("six bytes", text(&[b"\xfc", b"\x84\x80\x80\x80\x80", b"x"]), 1007),
        ("a byte order mark of UTF-16", text(&[b"\xfe", b"\xff", b"x"]), 1007),
        ("a continuation byte that begins a fragment", text(&[b"x", b"\x80", b"x"]), 1007),
        ("one continuation byte too many", text(&["é".as_bytes(), b"\xa9", b"x"]), 1007),
        ("a character that a fragment begins anew", text(&[b"\xe2\x82", b"\xe2\x82\xac", b"x"]), 1007),
        ("a character that ends in ASCII", text(&[b"\xf0\x9f\x98", b"x", b"x"]), 1007),
        (
            "a character that is cut off behind a ping",
            [frame(TEXT, b"\xf0\x9f"), frame(FIN | PING, b""), frame(FIN, b"\x98")].concat(),
            1007,
        ),
        (
            "a character that ends in the next message",
            [frame(FIN | TEXT, b"\xf0\x9f"), frame(FIN | TEXT, b"\x98\x80")].concat(),
            1007,
        ),
        (
            "a text behind a whole one",
            [fragments(TEXT, &[b"", b""]), frame(FIN | TEXT, b"\xff")].concat(),
            1007,
        ),
    ]
}

/// Returns a header whose length takes more bytes than necessary.
fn padded(first: u8, length: &[u8]) -> Vec<u8> {
    [&[first, FIN | if length.len() == 2 { 126 } else { 127 }], length, &[0; 4]].concat()
}

fn headers() -> Vec<Row> {
    vec![
        ("a length of 0 in 16 bits", padded(0x82, &[0, 0]), 1002),
        ("a length of 0 in 16 bits on a close frame", padded(0x88, &[0, 0]), 1002),
        ("a length of 2 in 64 bits on a close frame", padded(0x88, &[0, 0, 0, 0, 0, 0, 0, 2]), 1002),
        ("a length of 125 in 64 bits on a pong", padded(0x8a, &[0, 0, 0, 0, 0, 0, 0, 125]), 1002),
        ("a length of 2^62", padded(0x82, &[0x40, 0, 0, 0, 0, 0, 0, 0]), 1009),
        ("a length of 2^32", padded(0x82, &[0, 0, 0, 1, 0, 0, 0, 0]), 1009),
        ("a length of 2^63", padded(0x82, &[0x80, 0, 0, 0, 0, 0, 0, 0]), 1002),
        ("a length of 2^63 on a continuation of nothing", padded(0x80, &[0x80, 0, 0, 0, 0, 0, 0, 0]), 1002),
        ("an unmasked length of 2^63 less one", b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff".to_vec(), 1002),
        ("a reserved bit and a length beyond everything", padded(0xf2, &[0xff; 8]), 1002),
        ("a ping that is fragmented, in a message", [frame(TEXT, b"x"), frame(PING, b"")].concat(), 1002),
        (
            "a close frame that is fragmented, in a message",
            [frame(TEXT, b"x"), frame(CLOSE, b"")].concat(),
            1002,
        ),
        ("a ping of 126 bytes, in a message", [frame(TEXT, b"x"), header(0x89, 126)].concat(), 1002),
        (
            "a continuation behind the last one",
            [fragments(TEXT, &[b"", b""]), frame(FIN, b"")].concat(),
            1002,
        ),
        (
            "a message too big behind one that was not",
            [fragments(BINARY, &[&[0; 600], b""]), header(0x82, 1_001)].concat(),
            1009,
        ),
        ("a message too big, by a last fragment", [frame(BINARY, &[0; 999]), header(0x80, 2)].concat(), 1009),
        (
            "a message too big, by a fragment after a ping",
            [frame(BINARY, &[0; 1_000]), frame(0x89, b""), header(0, 1)].concat(),
            1009,
        ),
        (
            "a message too big, of lengths that wrap at 2^32",
            [frame(BINARY, b"x"), header(0x80, u64::from(u32::MAX))].concat(),
            1009,
        ),
    ]
}

/// Expects a close frame for each row. Pongs and empty messages before it are skipped.
async fn refuses(rows: fn() -> Vec<Row>) {
    let config = WebSocketConfig::default().max_message_size(1_000);
    everywhere(
        || Router::new().websocket_with("/ws", echo, config.clone()),
        async |server| {
            let mut bystander = Bystander::of(&server).await;
            for (name, bytes, code) in rows() {
                for one_by_one in [false, true] {
                    println!("{name}: {:02x?}, one by one: {one_by_one}", &bytes[..bytes.len().min(30)]);
                    let mut socket = server.open("/ws").await;
                    if one_by_one {
                        socket.trickle(&bytes).await;
                    } else {
                        socket.send(&bytes).await;
                    }
                    let end = loop {
                        let frame = socket.frame().await;
                        if frame.opcode == CLOSE {
                            break frame;
                        }
                    };
                    let (found, reason) = end.close_code();
                    assert_eq!(found, code, "{reason}");
                    assert!(!reason.is_empty(), "the close frame does not say why");
                    assert_eq!(socket.end().await, End::Eof);
                }
            }
            bystander.is_served().await;
        },
    )
    .await;
}

#[tokio::test]
async fn texts_that_break_between_fragments_are_refused() {
    refuses(texts).await;
}

#[tokio::test]
async fn headers_that_declare_too_much_are_refused() {
    refuses(headers).await;
}

/// No frame behind a close frame counts, not even another close frame.
#[tokio::test]
async fn frames_behind_a_close_frame_are_ignored() {
    everywhere(
        || Router::new().websocket("/ws", echo),
        async |server| {
            for (name, behind) in [
                ("another close frame", close(4001, "again")),
                ("a close frame that must not be", close(1006, "again")),
                ("half a close frame", frame(0x88, b"\x03")),
                ("a ping", frame(FIN | PING, b"x")),
                ("an unmasked text", b"\x81\x01x".to_vec()),
                ("a text that is not UTF-8", frame(FIN | TEXT, b"\xff")),
                ("a frame of 2^62 bytes", padded(0x82, &[0x40, 0, 0, 0, 0, 0, 0, 0])),
                ("the beginning of a frame", header(0x82, 100)),
                ("a request", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            ] {
                println!("{name}");
                let mut socket = server.open("/ws").await;
                socket.send(&[close(4000, "enough"), behind].concat()).await;
                assert_eq!(socket.expect_close(4000).await, "enough");
                assert_eq!(socket.end().await, End::Eof);
            }
        },
    )
    .await;
}

/// The peer answers our close frame with everything but its own, without end.
#[tokio::test]
async fn data_without_end_behind_our_close_frame_is_cut_off() {
    let config = WebSocketConfig::default()
        .close_timeout(Duration::from_millis(200))
        .linger(Duration::from_millis(100));
    let router = || {
        Router::new().websocket_with(
            "/ws",
            |ws: WebSocketConnection| async move {
                ws.accept().await?;
                Ok::<_, Error>(CloseFrame { code: 4000, reason: "enough".into() })
            },
            config.clone(),
        )
    };
    everywhere(router, async |server| {
        let floods = [
            ("texts", text("more").repeat(1_000)),
            ("pings", frame(FIN | PING, b"more").repeat(1_000)),
            ("fragments", [frame(BINARY, b"x"), frame(0, b"x").repeat(1_000)].concat()),
        ];
        join_all(floods.iter().map(async |(name, flood)| {
            let mut socket = server.open("/ws").await;
            assert_eq!(socket.expect_close(4000).await, "enough");
            let sent = async { while socket.try_send(flood).await.is_ok() {} };
            within(name, sent).await;
        }))
        .await;
    })
    .await;
}
