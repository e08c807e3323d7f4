//! Valid but unusual frames: they are accepted.

use ignitia::websocket::WebSocketConfig;

use crate::support::{BINARY, End, Frame, PING, PONG, TEXT, close, echoes, everywhere, frame, text};

fn ping(payload: &[u8]) -> Vec<u8> {
    frame(0x80 | PING, payload)
}

/// Returns a message in fragments of `size`, with a ping before each but the first and an
/// unsolicited pong before the last.
fn fragmented(opcode: u8, message: &[u8], size: usize) -> Vec<u8> {
    let last = message.len().div_ceil(size) - 1;
    let fragments = message.chunks(size).enumerate().map(|(n, fragment)| {
        let first = if n == 0 { opcode } else { 0 } | if n == last { 0x80 } else { 0 };
        let before = match n {
            0 => Vec::new(),
            n if n == last => [ping(b"last"), frame(0x80 | PONG, b"unasked")].concat(),
            n => ping(n.to_string().as_bytes()),
        };
        [before, frame(first, fragment)].concat()
    });
    fragments.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn pings_between_fragments_leave_the_message_whole() {
    let greeting = "Hello-µ@ßöäüàá-UTF-8!! \u{10ffff}";
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            for size in 1..=greeting.len() {
                for one_by_one in [false, true] {
                    let bytes = fragmented(TEXT, greeting.as_bytes(), size);
                    let mut socket = server.open("/ws").await;
                    if one_by_one {
                        socket.trickle(&bytes).await;
                    } else {
                        socket.send(&bytes).await;
                    }
                    let last = greeting.len().div_ceil(size) - 1;
                    for n in 1..=last {
                        let payload = if n == last { "last".to_owned() } else { n.to_string() };
                        assert_eq!(socket.frame().await, Frame::whole(PONG, payload));
                    }
                    socket.expect_text(greeting).await;
                }
            }
        },
    )
    .await;
}

#[tokio::test]
async fn empty_fragments_and_empty_messages_are_valid() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = server.open("/ws").await;
            for (opcode, fragments) in [
                (TEXT, &[&b""[..], b""][..]),
                (TEXT, &[b"", b"\xce", b"", b"\xba", b""]),
                (BINARY, &[b"", b"\xff\x00", b""]),
            ] {
                let last = fragments.len() - 1;
                for (n, fragment) in fragments.iter().enumerate() {
                    let first = if n == 0 { opcode } else { 0 } | if n == last { 0x80 } else { 0 };
                    socket.send(&frame(first, fragment)).await;
                }
                assert_eq!(socket.frame().await, Frame::whole(opcode, fragments.concat()));
            }
            for (opcode, payload) in [(TEXT, ""), (BINARY, ""), (TEXT, "\0"), (TEXT, "\u{feff}bom")] {
                socket.send(&frame(0x80 | opcode, payload.as_bytes())).await;
                assert_eq!(socket.frame().await, Frame::whole(opcode, payload));
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_size_at_the_edge_of_a_length_form_is_accepted() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = server.open("/ws").await;
            for size in [1, 124, 125, 126, 127, 128, 65_535, 65_536, 65_537, 1 << 20] {
                let payload: Vec<u8> = (0..size).map(|n: u32| (n % 251) as u8).collect();
                socket.send(&frame(0x82, &payload)).await;
                assert!(socket.frame().await == Frame::whole(BINARY, payload), "{size} bytes");
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_ping_is_answered_with_the_same_bytes() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = server.open("/ws").await;
            for payload in [&b""[..], b"x", b"\x00\xff\xfe", &[0xfe; 125]] {
                socket.send(&ping(payload)).await;
                assert_eq!(socket.frame().await, Frame::whole(PONG, payload));
            }
            // An unsolicited pong needs no answer.
            socket.send(&[frame(0x80 | PONG, b"nothing"), text("next")].concat()).await;
            socket.expect_text("next").await;
        },
    )
    .await;
}

#[tokio::test]
async fn a_thousand_pings_in_one_burst_are_all_answered() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let mut socket = server.open("/ws").await;
            let pings: Vec<u8> = (0..1_000_u32).flat_map(|n| ping(&n.to_be_bytes())).collect();
            socket.send(&pings).await;
            for n in 0..1_000_u32 {
                assert_eq!(socket.frame().await, Frame::whole(PONG, n.to_be_bytes()));
            }
        },
    )
    .await;
}

#[tokio::test]
async fn every_valid_close_frame_is_answered_with_its_code() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            let longest = "x".repeat(123);
            for code in [
                1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
                4999,
            ] {
                for reason in ["", "é", &longest] {
                    let mut socket = server.open("/ws").await;
                    socket.send(&close(code, reason)).await;
                    socket.expect_close(code).await;
                    assert_eq!(socket.end().await, End::Eof);
                }
            }
            let mut socket = server.open("/ws").await;
            socket.send(&frame(0x88, b"")).await;
            socket.expect_close(1005).await;
            assert_eq!(socket.end().await, End::Eof);
            let mut socket = server.open("/ws").await;
            socket.send(&[frame(0x01, b"unfinished"), close(1000, "")].concat()).await;
            socket.expect_close(1000).await;
            assert_eq!(socket.end().await, End::Eof);
        },
    )
    .await;
}
