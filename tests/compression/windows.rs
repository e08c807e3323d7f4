//! Windows: no message refers farther back than was agreed on, on any level, and a client with no
//! more memory than its window can read everything.

use ignitia::{prelude::*, websocket::Compression};

use super::{
    handles::Handles,
    inspection::{Inspection, inspect},
    noise,
    peer::{OFFER, Peer},
    prose, with,
};
use crate::support::Dice;

/// Returns bytes that repeat with this period.
fn repeating(dice: &mut Dice, period: usize, length: usize) -> Vec<u8> {
    let once = noise(dice, period);
    once.iter().copied().cycle().take(length).collect()
}

/// Messages whose repetitions are just inside and just outside of a window.
fn messages(bits: u8) -> Vec<Vec<u8>> {
    let size = 1 << bits;
    let mut dice = Dice(23);
    let mut messages = vec![prose(1, 3 * size).into_bytes(), vec![b'x'; 2 * size], b"{}".repeat(200)];
    for period in [size - 300, size - 262, size - 261, size - 1, size, size + 1, size + 261, 2 * size, 300] {
        messages.push(repeating(&mut dice, period, 2 * period + size + 700));
    }
    // They repeat one another.
    let once = noise(&mut dice, size / 2 - 20);
    for n in 0..5 {
        messages.push([&once[..], prose(n, 100).as_bytes()].concat());
    }
    messages
}

/// Reads a message, and asserts that it refers to nothing beyond the window.
async fn read(peer: &mut Peer, context: &mut Vec<u8>, bits: u8, expected: &[u8]) -> usize {
    let received = peer.message().await;
    assert!(received.payload == expected, "another message");
    let Some(compressed) = received.compressed else { return 0 };
    let Inspection { text, farthest, context: used } = inspect(context, &compressed);
    assert!(text == expected);
    assert!(farthest <= 1 << bits, "a distance of {farthest} for {bits} bits");
    if peer.parameters.contains("server_no_context_takeover") {
        assert_eq!(used, 0);
    }
    context.extend_from_slice(expected);
    farthest
}

#[tokio::test]
async fn no_distance_is_beyond_the_window() {
    let levels = [1, 2, 4, 6, 9];
    let paths = ["/1", "/2", "/4", "/6", "/9"];
    let shared = paths.iter().zip(levels).map(|(path, level)| {
        (*path, with(Compression::shared().level(level).binary(true).min_size(0)).outbox_bytes(16 << 20))
    });
    let mut handles = Handles::new(shared).await;
    for bits in [9, 10, 12, 15] {
        let messages = messages(bits);
        let offer = format!("permessage-deflate; server_max_window_bits={bits}");
        let mut farthest = 0;
        for path in paths {
            let (mut peer, ws) = handles.open(path, &offer).await;
            for message in &messages {
                ws.send_binary(message.clone()).await.unwrap();
                farthest = farthest.max(read(&mut peer, &mut Vec::new(), bits, message).await);
            }
        }
        assert!(farthest > 1 << (bits - 1), "{farthest}: the window is not used");
    }
}

/// Among others that are not compressed, and broadcasts that do not refer to anything.
#[tokio::test]
async fn a_context_is_never_beyond_the_window() {
    for level in [1, 6, 9] {
        for bits in [9, 10, 12, 15] {
            let compression =
                Compression::dedicated().window_bits(bits).level(level).binary(true).min_size(0);
            let mut handles = Handles::new([("/", with(compression).outbox_bytes(16 << 20))]).await;
            let (mut peer, ws) = handles.open("/", OFFER).await;
            let rooms = Rooms::<Message>::new();
            let membership = rooms.join("room", &ws).unwrap();
            let (mut context, mut dice, mut used) = (Vec::new(), Dice(3), 0);
            for (n, message) in messages(bits).iter().enumerate().flat_map(|(n, message)| [(n, message); 2]) {
                match dice.roll(5) {
                    0 => ws.send_binary(message.clone()).uncompressed().await.unwrap(),
                    1 => drop(membership.broadcast(&Message::Binary(message.clone().into())).unwrap()),
                    _ => ws.send_binary(message.clone()).await.unwrap(),
                }
                if n % 3 == 0 {
                    ws.send_ping("between").await.unwrap();
                }
                used = used.max(read(&mut peer, &mut context, bits, message).await);
                if n % 3 == 0 {
                    assert_eq!(peer.socket.any_frame().await.payload, b"between");
                }
            }
            // zlib does not refer to the farthest 262 bytes of its window.
            assert!(used > 1 << (bits - 2), "{used}: the window of {bits} bits is not used");
            assert!(!peer.parameters.contains("server_no_context_takeover"), "{}", peer.parameters);
        }
    }
}
