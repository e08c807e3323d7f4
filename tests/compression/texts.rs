//! UTF-8 in compressed texts: it is checked while they are decompressed.

use super::{
    all_echoes,
    blocks::{Blocks, Symbols::*},
    peer::{OFFER, Peer, compress, serve},
};
use crate::support::{BINARY, COMPRESSED, TEXT, frame};

/// Characters of all lengths.
const TEXT_OF_ALL: &str = "aé€😀\u{10ffff}\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}z";

/// Byte strings that no valid text begins with, and the place of the first wrong byte.
const WRONG: [(&[u8], usize); 10] = [
    (b"\x80", 0),
    (b"a\xff", 1),
    (b"\xc0\xaf", 0),
    (b"\xc3\x28", 1),
    (b"\xe2\x82\x28", 2),
    (b"\xed\xa0\x80", 1),
    (b"\xe0\x80\x80", 1),
    (b"\xf0\x9f\x98\x28", 3),
    (b"\xf4\x90\x80\x80", 1),
    (b"\xf5\x80\x80\x80", 0),
];

/// A character is cut between two fragments, and its bytes are in blocks of their own.
#[tokio::test]
async fn characters_may_be_cut_anywhere() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        let blocks = |cut: usize| {
            let (begin, end) = TEXT_OF_ALL.as_bytes().split_at(cut);
            Blocks::new().fixed(&[Literals(begin)]).stored(b"").fixed(&[Literals(end)])
        };
        for cut in 0..=TEXT_OF_ALL.len() {
            let message = blocks(cut).message();
            for fragment in [cut, cut + 1, message.len() / 2] {
                let (begin, end) = message.split_at(fragment.min(message.len()));
                peer.socket.send(&[frame(COMPRESSED | TEXT, begin), frame(0x80, end)].concat()).await;
                peer.expect_text(TEXT_OF_ALL).await;
            }
        }
        // Every byte is a block, and every byte of the message is a fragment.
        let mut bytes = Blocks::new();
        for byte in TEXT_OF_ALL.as_bytes() {
            bytes = bytes.fixed(&[Literals(&[*byte])]);
        }
        let message = bytes.message();
        let (last, begin) = message.split_last().unwrap();
        peer.socket.send(&frame(COMPRESSED | TEXT, &begin[..1])).await;
        for byte in &begin[1..] {
            peer.socket.send(&frame(0x00, &[*byte])).await;
        }
        peer.socket.send(&frame(0x80, &[*last])).await;
        peer.expect_text(TEXT_OF_ALL).await;
    }
}

/// Longer than the steps in which a text is decompressed.
#[tokio::test]
async fn long_texts_of_long_characters() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        let mut peer = Peer::open(&server, path, OFFER).await;
        for begin in ["", "x", "é", "xé"] {
            let text = begin.to_owned() + &"€😀".repeat(40_000);
            peer.send_text(&text).await;
            peer.expect_text(&text).await;
        }
    }
}

#[tokio::test]
async fn wrong_texts_are_refused() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        for (wrong, _) in WRONG {
            for behind in ["", "valid again"] {
                let text = [&b"valid, "[..], wrong, behind.as_bytes()].concat();
                let mut peer = Peer::open(&server, path, OFFER).await;
                // As bytes they are fine.
                peer.send(BINARY, &text).await;
                peer.expect(BINARY, &text).await;
                peer.send(TEXT, &text).await;
                assert_eq!(peer.expect_violation(1007).await, "the text is not valid UTF-8");
            }
        }
        // The last character is not complete.
        for end in 1..4 {
            let mut peer = Peer::open(&server, path, OFFER).await;
            peer.send(TEXT, &[b"valid, ", &"😀".as_bytes()[..end]].concat()).await;
            peer.expect_violation(1007).await;
        }
    }
}

/// The message goes on for ever: it is refused when its first wrong byte has come.
#[tokio::test]
async fn a_wrong_text_is_refused_before_it_is_complete() {
    let server = serve(all_echoes()).await;
    for path in ["/shared", "/dedicated"] {
        for (wrong, place) in WRONG {
            // The wrong byte is the last one that is sent, in a block that is flushed.
            let wrong = &wrong[..=place];
            let text = [&b"valid, "[..], wrong].concat();
            let message = Blocks::new().stored(&text).bytes();
            let whole = compress(&text);
            for message in [message, [&whole[..], &[0, 0, 0xff, 0xff]].concat()] {
                // In a fragment that is not the last one.
                let mut peer = Peer::open(&server, path, OFFER).await;
                peer.socket.send(&frame(COMPRESSED | TEXT, &message)).await;
                assert_eq!(peer.socket.expect_close(1007).await, "the text is not valid UTF-8");
                // In a frame of which most is still to come.
                let mut peer = Peer::open(&server, path, OFFER).await;
                let mut bytes = frame(0x80 | COMPRESSED | TEXT, &[&message[..], &[0; 1_000]].concat());
                bytes.truncate(bytes.len() - 1_000);
                peer.socket.send(&bytes).await;
                peer.socket.expect_close(1007).await;
            }
        }
    }
}
