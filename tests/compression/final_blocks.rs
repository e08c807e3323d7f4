//! Blocks that say that they are the last one: what comes behind is a stream of its own
//! ([RFC 7692, section 7.2.3.4](https://www.rfc-editor.org/rfc/rfc7692#section-7.2.3.4)).

use super::{
    all_echoes,
    blocks::{Blocks, Symbols::*},
    peer::{OFFER, Peer, compress, serve},
};
use crate::support::{BINARY, COMPRESSED, TEXT, everywhere, frame};

const WHOLE: u8 = 0x80 | COMPRESSED;

/// With the header of an empty block behind it, as the RFC asks, and without, as some programs
/// send it.
#[tokio::test]
async fn a_final_block_ends_a_message() {
    let hello = Blocks::new().last(&[Literals(b"Hello")]);
    everywhere(all_echoes, async |server| {
        for path in ["/shared", "/dedicated"] {
            let mut peer = Peer::open(&server, path, OFFER).await;
            for message in [hello.clone().bytes(), hello.clone().align().message()] {
                peer.socket.send(&frame(WHOLE | TEXT, &message)).await;
                peer.expect_text("Hello").await;
                for cut in 0..=message.len() {
                    let first = frame(COMPRESSED | TEXT, &message[..cut]);
                    peer.socket.send(&[first, frame(0x00, b""), frame(0x80, &message[cut..])].concat()).await;
                    peer.expect_text("Hello").await;
                }
            }
        }
    })
    .await;
}

/// The next stream of the message, and the next message, refer to what came before the final block.
#[tokio::test]
async fn the_window_reaches_across_final_blocks() {
    let server = serve(all_echoes()).await;
    let copy = [Copy { length: 5, distance: 5 }];
    let twice = Blocks::new().last(&[Literals(b"Hello")]).align().fixed(&copy).message();
    let thrice = Blocks::new().last(&[Literals(b"Hello")]).align().last(&copy).align().last(&copy).bytes();
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        for (message, expected) in [(&twice, "HelloHello"), (&thrice, "HelloHelloHello")] {
            for cut in 0..=message.len() {
                let parts = [frame(COMPRESSED | TEXT, &message[..cut]), frame(0x80, &message[cut..])];
                peer.socket.send(&parts.concat()).await;
                peer.expect_text(expected).await;
            }
        }
        let next = Blocks::new().fixed(&copy).message();
        peer.socket.send(&frame(WHOLE | TEXT, &next)).await;
        if path == "/dedicated" {
            peer.expect_text("Hello").await;
        } else {
            peer.expect_violation(1007).await;
        }
    }
    // As far as the window reaches, over a stream that is longer than it.
    let mut peer = Peer::open(&server, "/dedicated", OFFER).await;
    let noise: Vec<u8> = (0..40_000_u32).map(|n| (n * n % 8_191 % 251) as u8).collect();
    peer.socket.send(&frame(WHOLE | BINARY, &Blocks::new().stored(&noise).message())).await;
    peer.expect(BINARY, &noise).await;
    for distance in [32_768, 32_767, 32_511, 300] {
        let far = [Copy { length: 258, distance }];
        let message = Blocks::new().last(&[]).align().last(&[]).align().fixed(&far).message();
        peer.socket.send(&frame(WHOLE | BINARY, &message)).await;
        let copied = &noise[noise.len() - distance..][..258];
        peer.expect(BINARY, copied).await;
        // The window again, as it was.
        peer.socket.send(&frame(WHOLE | BINARY, &Blocks::new().stored(&noise).message())).await;
        peer.expect(BINARY, &noise).await;
    }
}

/// One for each 64 bytes is as many as any program needs.
#[tokio::test]
async fn final_blocks_may_be_many() {
    let server = serve(all_echoes()).await;
    let piece = [b'p'; 62];
    let mut blocks = Blocks::new();
    for _ in 0..5_000 {
        blocks = blocks.last(&[Literals(&piece)]).align();
    }
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        peer.socket.send(&frame(WHOLE | TEXT, &blocks.clone().bytes())).await;
        peer.expect_text(&"p".repeat(5_000 * piece.len())).await;
    }
}

/// Each of them would be a copy of the window, for two bytes: this message would keep a thread busy
/// for seconds.
#[tokio::test]
async fn too_many_final_blocks_are_refused() {
    let server = serve(all_echoes()).await;
    let mut bomb = compress(&vec![b'x'; (1 << 20) - 10]);
    bomb.extend_from_slice(&[0, 0, 0xff, 0xff]);
    let ends = Blocks::new().last(&[]).bytes().repeat(500_000);
    for path in ["/shared", "/dedicated"] {
        let peer = &mut Peer::open(&server, path, OFFER).await;
        let whole = frame(WHOLE | TEXT, &[&bomb[..], &ends].concat());
        let _ = peer.socket.try_send(&whole).await;
        assert_eq!(peer.socket.expect_close(1007).await, "the compressed message is broken");
        // Nothing but final blocks, in fragments.
        let peer = &mut Peer::open(&server, path, OFFER).await;
        peer.socket.send(&frame(COMPRESSED | TEXT, b"")).await;
        let _ = peer.socket.try_send(&frame(0x00, &ends[..2]).repeat(1_000)).await;
        peer.socket.expect_close(1007).await;
    }
}
