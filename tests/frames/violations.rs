//! Frames that break RFC 6455: each is answered with a close frame that gives the reason, however
//! its bytes arrive.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{End, close, echoes, everywhere, frame, header, next, text};

type Row = (&'static str, Vec<u8>, u16);

const MAX_MESSAGE_SIZE: usize = 1_000;
const MAX_FRAGMENTS: usize = 4;

/// Returns a client's header with a length in the wrong form, and a masking key of zeros.
fn longer(first: u8, length: &[u8]) -> Vec<u8> {
    let form = if length.len() == 2 { 126 } else { 127 };
    [&[first, 0x80 | form], length, &[0; 4]].concat()
}

fn headers() -> Vec<Row> {
    let mut rows = vec![
        ("the first reserved bit", frame(0xc1, b"x"), 1002),
        ("the second reserved bit", frame(0xa1, b"x"), 1002),
        ("the third reserved bit", frame(0x91, b"x"), 1002),
        ("all reserved bits", frame(0xf2, b"x"), 1002),
        ("a reserved bit on a ping", frame(0xc9, b"x"), 1002),
        ("a reserved bit on a close frame", frame(0xc8, b""), 1002),
        ("a reserved bit on a continuation", [frame(0x01, b"x"), frame(0xc0, b"y")].concat(), 1002),
        ("an unmasked text", b"\x81\x01x".to_vec(), 1002),
        ("an unmasked empty text", b"\x81\x00".to_vec(), 1002),
        ("an unmasked ping", b"\x89\x00".to_vec(), 1002),
        ("an unmasked close frame", b"\x88\x02\x03\xe8".to_vec(), 1002),
        ("a fragmented ping", frame(0x09, b"x"), 1002),
        ("a fragmented pong", frame(0x0a, b"x"), 1002),
        ("a fragmented close frame", frame(0x08, b"\x03\xe8"), 1002),
        ("a ping of 126 bytes", header(0x89, 126), 1002),
        ("a pong of 126 bytes", header(0x8a, 126), 1002),
        ("a close frame of 126 bytes", header(0x88, 126), 1002),
        ("a ping of 64 KiB", header(0x89, 1 << 16), 1002),
        ("a length of 5 in 16 bits", longer(0x82, &5_u16.to_be_bytes()), 1002),
        ("a length of 125 in 16 bits", longer(0x82, &125_u16.to_be_bytes()), 1002),
        ("a length of 0 in 64 bits", longer(0x82, &0_u64.to_be_bytes()), 1002),
        ("a length of 126 in 64 bits", longer(0x82, &126_u64.to_be_bytes()), 1002),
        ("a length of 65535 in 64 bits", longer(0x82, &0xffff_u64.to_be_bytes()), 1002),
        ("a ping's length in 16 bits", longer(0x89, &5_u16.to_be_bytes()), 1002),
        ("a length with its top bit set", longer(0x82, &(1_u64 << 63 | 1).to_be_bytes()), 1002),
        ("the longest length", longer(0x82, &[0xff; 8]), 1002),
        ("a length of 63 bits", longer(0x82, &(u64::MAX >> 1).to_be_bytes()), 1009),
    ];
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        rows.push(("a reserved opcode", frame(0x80 | opcode, b""), 1002));
        rows.push(("a reserved opcode in fragments", frame(opcode, b"x"), 1002));
    }
    rows
}

fn sequences() -> Vec<Row> {
    vec![
        ("a final continuation of nothing", frame(0x80, b"x"), 1002),
        ("an empty continuation of nothing", frame(0x00, b""), 1002),
        ("a text inside a text", [frame(0x01, b"x"), text("y")].concat(), 1002),
        ("a fragmented text inside a text", [frame(0x01, b"x"), frame(0x01, b"y")].concat(), 1002),
        ("a binary inside a text", [frame(0x01, b"x"), frame(0x82, b"y")].concat(), 1002),
        ("a text inside a binary", [frame(0x02, b"x"), text("y")].concat(), 1002),
        ("too many fragments", [frame(0x02, b"x"), frame(0x00, b"x").repeat(MAX_FRAGMENTS)].concat(), 1008),
        (
            "too many empty fragments",
            [frame(0x01, b""), frame(0x00, b"").repeat(MAX_FRAGMENTS)].concat(),
            1008,
        ),
        ("a frame too big by one byte", header(0x82, MAX_MESSAGE_SIZE as u64 + 1), 1009),
        ("a text too big", header(0x81, 1 << 20), 1009),
        ("a fragment too big", header(0x02, 1 << 40), 1009),
        (
            "too big in sum, by one byte",
            [frame(0x02, &[0; MAX_MESSAGE_SIZE]), header(0x80, 1)].concat(),
            1009,
        ),
        (
            "too big in sum, by lengths that overflow",
            [frame(0x02, b"x"), longer(0x80, &(u64::MAX >> 1).to_be_bytes())].concat(),
            1009,
        ),
    ]
}

fn texts() -> Vec<Row> {
    let unfinished =
        |payload: &[u8]| frame(0x81, &[payload, &[b'x'; 20]].concat())[..6 + payload.len()].to_vec();
    vec![
        ("a byte that is never UTF-8", frame(0x81, b"x\xff"), 1007),
        ("a continuation byte alone", frame(0x81, b"\x80"), 1007),
        ("a sequence that is cut off", frame(0x81, b"x\xe2\x82"), 1007),
        (
            "a sequence that is cut off by the last fragment",
            [frame(0x01, b"\xe2"), frame(0x80, b"\x82")].concat(),
            1007,
        ),
        (
            "a sequence that is cut off by an empty fragment",
            [frame(0x01, b"\xe2\x82"), frame(0x80, b"")].concat(),
            1007,
        ),
        ("an overlong form", frame(0x81, b"\xc0\x80"), 1007),
        ("an overlong form of three bytes", frame(0x81, b"\xe0\x80\xaf"), 1007),
        ("a surrogate", frame(0x81, b"\xed\xa0\x80"), 1007),
        ("beyond the last character", frame(0x81, b"\xf4\x90\x80\x80"), 1007),
        (
            "broken between fragments",
            [frame(0x01, b"\xce"), frame(0x00, b"\xba\xe1"), frame(0x80, b"x")].concat(),
            1007,
        ),
        ("broken in a fragment, others to come", frame(0x01, b"x\xff"), 1007),
        (
            "broken in a later fragment, others to come",
            [frame(0x01, b"\xce"), frame(0x00, b"x")].concat(),
            1007,
        ),
        ("broken in a frame that is not complete", unfinished(b"xx\xff"), 1007),
        ("a surrogate in a frame that is not complete", unfinished(b"\xed\xa0\x80"), 1007),
    ]
}

fn closes() -> Vec<Row> {
    let mut rows = vec![
        ("a close frame of one byte", frame(0x88, b"\x03"), 1002),
        ("a close reason that is not UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
        ("a close reason that is cut off", frame(0x88, b"\x03\xe8\xe2\x82"), 1007),
    ];
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, u16::MAX] {
        rows.push(("a close code that must not be sent", close(code, "why"), 1002));
    }
    rows
}

async fn refuses(rows: fn() -> Vec<Row>) {
    let config = WebSocketConfig::default().max_message_size(MAX_MESSAGE_SIZE).max_fragments(MAX_FRAGMENTS);
    everywhere(
        || echoes(config.clone()),
        async |server| {
            for (name, bytes, code) in rows() {
                for one_by_one in [false, true] {
                    println!("{name}: {bytes:02x?}, one by one: {one_by_one}");
                    let mut socket = server.open("/ws").await;
                    if one_by_one {
                        socket.trickle(&bytes).await;
                    } else {
                        socket.send(&bytes).await;
                    }
                    let reason = socket.expect_close(code).await;
                    assert!(!reason.is_empty(), "the close frame does not say why");
                    assert_eq!(socket.end().await, End::Eof);
                }
            }
        },
    )
    .await;
}

#[tokio::test]
async fn broken_headers_are_answered_with_a_close_frame() {
    refuses(headers).await;
}

#[tokio::test]
async fn broken_sequences_of_frames_are_answered_with_a_close_frame() {
    refuses(sequences).await;
}

#[tokio::test]
async fn broken_texts_are_answered_with_a_close_frame() {
    refuses(texts).await;
}

#[tokio::test]
async fn broken_close_frames_are_answered_with_a_close_frame() {
    refuses(closes).await;
}

/// The handler receives the complete messages before the violation, and then the end. It gets no
/// close frame, since the peer has sent none.
#[tokio::test]
async fn messages_before_a_violation_are_received() {
    let (log, mut reports) = unbounded_channel();
    let router = || {
        let log = log.clone();
        Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                while let Some(message) = ws.recv().await {
                    log.send(Some(message)).unwrap();
                }
                log.send(None).unwrap();
                Response::ok()
            }
        })
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&[text("one"), text("two"), frame(0x83, b"")].concat()).await;
        socket.expect_close(1002).await;
        assert_eq!(socket.end().await, End::Eof);
        for expected in [Some("one"), Some("two"), None] {
            assert_eq!(next(&mut reports).await, expected.map(Message::from));
        }
    })
    .await;
}

/// Its echo goes out before the close frame.
#[tokio::test]
async fn messages_before_a_violation_are_answered() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            for (violation, code) in [(&b"\x81\x01x"[..], 1002), (&frame(0x81, b"\xff"), 1007)] {
                let mut socket = server.open("/ws").await;
                socket.send(&[&text("one"), &text("two"), violation, &text("unheard")].concat()).await;
                socket.expect_text("one").await;
                socket.expect_text("two").await;
                socket.expect_close(code).await;
                assert_eq!(socket.end().await, End::Eof);
            }
        },
    )
    .await;
}

/// A handler that receives nothing does not hold the close frame back for ever.
#[tokio::test]
async fn a_violation_is_answered_in_time_although_the_handler_receives_nothing() {
    let config = WebSocketConfig::default().close_timeout(Duration::from_millis(200));
    let router = || {
        let deaf = |ws: WebSocketConnection| async move {
            let cause = ws.closed().await;
            assert_eq!(cause.kind, CloseKind::Violation);
            Response::ok()
        };
        Router::new().websocket_config(config.clone()).websocket("/ws", deaf)
    };
    everywhere(router, async |server| {
        let mut socket = server.open("/ws").await;
        socket.send(&[&text("one"), &b"\x81\x01x"[..]].concat()).await;
        socket.expect_close(1002).await;
        assert_eq!(socket.end().await, End::Eof);
    })
    .await;
}
