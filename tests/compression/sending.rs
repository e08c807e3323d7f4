//! Messages of the server: which of them are compressed, and that they come as they were sent.

use std::collections::BTreeMap;

use bytes::Bytes;
use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::{handles::Handles, inspection::inspect, noise, peer::OFFER, prose, with};
use crate::support::{BINARY, CLOSE, Dice, Frame, PING, PONG, Transport};

fn routes() -> [(&'static str, WebSocketConfig); 3] {
    [
        ("/shared", with(Compression::shared())),
        ("/dedicated", with(Compression::dedicated())),
        ("/binary", with(Compression::shared().binary(true).min_size(0))),
    ]
}

/// Every way to send.
#[tokio::test]
async fn all_sends_compress_but_those_that_say_no() {
    for transport in Transport::ALL {
        let mut handles = Handles::over(transport, routes()).await;
        for path in ["/shared", "/dedicated"] {
            let (mut peer, ws) = handles.open(path, OFFER).await;
            let long = prose(1, 400);
            let json: BTreeMap<_, _> = (0..100).map(|n| (format!("key {n}"), n)).collect();
            let as_json = serde_json::to_string(&json).unwrap();
            let bytes = Bytes::from(long.clone());
            ws.send_text(&long).await.unwrap();
            ws.send_text(long.clone()).await.unwrap();
            ws.send_text(long.clone()).uncompressed().await.unwrap();
            ws.send_json(&json).await.unwrap();
            ws.send_json(&json).uncompressed().await.unwrap();
            ws.send(Message::Text(long.clone())).await.unwrap();
            ws.try_send(Message::Text(long.clone())).unwrap();
            ws.try_send_uncompressed(Message::Text(long.clone())).unwrap();
            ws.send_binary(bytes.clone()).await.unwrap();
            ws.send_binary(bytes.clone()).uncompressed().await.unwrap();
            ws.try_send_uncompressed(Message::Binary(bytes.clone())).unwrap();
            for (text, is_compressed) in [
                (&long, true),
                (&long, true),
                (&long, false),
                (&as_json, true),
                (&as_json, false),
                (&long, true),
                (&long, true),
                (&long, false),
            ] {
                assert_eq!(peer.expect_text(text).await, is_compressed);
            }
            for _ in 0..3 {
                assert!(!peer.expect(BINARY, &bytes).await);
            }
        }
        let (mut peer, ws) = handles.open("/binary", OFFER).await;
        let bytes = Bytes::from(prose(1, 100));
        ws.send_binary(bytes.clone()).await.unwrap();
        ws.send_binary(bytes.clone()).uncompressed().await.unwrap();
        ws.try_send(Message::Binary(bytes.clone())).unwrap();
        ws.try_send_uncompressed(Message::Binary(bytes.clone())).unwrap();
        for is_compressed in [true, false, true, false] {
            assert_eq!(peer.expect(BINARY, &bytes).await, is_compressed);
        }
    }
}

/// Without compression the same calls change nothing.
#[tokio::test]
async fn saying_no_changes_nothing_without_compression() {
    let mut handles = Handles::new(routes()).await;
    let (mut socket, ws) = handles.open_plain("/shared").await;
    let long = prose(1, 4_000);
    ws.send_text(&long).uncompressed().await.unwrap();
    ws.try_send_uncompressed(Message::Text(long.clone())).unwrap();
    ws.send_text(&long).await.unwrap();
    for _ in 0..3 {
        socket.expect_text(&long).await;
    }
}

/// Control frames are as they are, whatever is configured.
#[tokio::test]
async fn control_frames_are_never_compressed() {
    let mut handles = Handles::new(routes()).await;
    for path in ["/shared", "/dedicated", "/binary"] {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        let payload = [b'x'; 125];
        ws.send_ping(payload).await.unwrap();
        ws.send_pong(payload).await.unwrap();
        ws.send(Message::Ping(Bytes::copy_from_slice(&payload))).await.unwrap();
        ws.send_ping(payload).uncompressed().await.unwrap();
        ws.close(Some(CloseFrame { code: 1000, reason: "x".repeat(123) })).await.unwrap();
        for opcode in [PING, PONG, PING, PING] {
            assert_eq!(peer.socket.any_frame().await, Frame::whole(opcode, payload));
        }
        let frame = peer.socket.any_frame().await;
        assert_eq!((frame.opcode, frame.payload.len(), frame.is_compressed), (CLOSE, 125, false));
    }
}

/// A message that would be longer goes as it is, also where it is large and was not copied.
#[tokio::test]
async fn what_cannot_be_compressed_goes_as_it_is() {
    let mut handles = Handles::new(routes()).await;
    let (mut peer, ws) = handles.open("/binary", OFFER).await;
    let mut dice = Dice(11);
    for length in [0, 1, 3, 100, 1_000, 16_383, 16_384, 70_000] {
        let noise = noise(&mut dice, length);
        let zeros = vec![0; length];
        ws.send_binary(noise.clone()).await.unwrap();
        ws.send_binary(zeros.clone()).await.unwrap();
        ws.send_binary(noise.clone()).await.unwrap();
        assert!(!peer.expect(BINARY, &noise).await, "{length}");
        assert_eq!(peer.expect(BINARY, &zeros).await, length >= 100, "{length}");
        assert!(!peer.expect(BINARY, &noise).await, "{length}");
    }
}

/// Lengths at which the header, or the way through the send buffer, is another one.
#[tokio::test]
async fn messages_of_all_lengths() {
    let mut handles = Handles::new(routes()).await;
    for path in ["/shared", "/dedicated", "/binary"] {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        for length in [
            0,
            1,
            125,
            126,
            255,
            256,
            511,
            512,
            4_095,
            16_383,
            16_384,
            16_385,
            32_768,
            65_535,
            65_536,
            65_537,
            300_000,
            1 << 20,
        ] {
            let text = prose(length, length);
            ws.send_text(&text).await.unwrap();
            ws.send_binary(text.clone().into_bytes()).await.unwrap();
            let received = peer.message().await;
            assert!(received.text() == text, "{path}: {length}");
            if let Some(compressed) = received.compressed {
                assert!(compressed.len() < length);
                if path != "/dedicated" {
                    assert!(inspect(b"", &compressed).text == text.as_bytes());
                }
            }
            peer.expect(BINARY, text.as_bytes()).await;
        }
    }
}

/// A context makes messages that resemble one another much shorter. Only compressed ones belong to
/// it.
#[tokio::test]
async fn a_dedicated_context_is_used_and_a_shared_one_does_not_exist() {
    let mut handles = Handles::new(routes()).await;
    let mut dice = Dice(5);
    // But for the end, only the message before can be referred to.
    let letters: String = noise(&mut dice, 400).iter().map(|byte| char::from(b'!' + byte % 90)).collect();
    let text = letters + &" ".repeat(200);
    for path in ["/shared", "/dedicated"] {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        let mut lengths = Vec::new();
        for n in 0..4 {
            ws.send_text(format!("{n}{text}")).await.unwrap();
            if n == 1 {
                ws.send_text(format!("as it is{text}")).uncompressed().await.unwrap();
            }
        }
        for _ in 0..5 {
            let received = peer.message().await;
            assert!(received.text().ends_with(&text));
            lengths.push(received.compressed.map(|compressed| compressed.len()));
        }
        assert_eq!(lengths.remove(2), None);
        let lengths: Vec<usize> = lengths.into_iter().flatten().collect();
        assert_eq!(lengths.len(), 4);
        let short = lengths.iter().filter(|length| **length < 50).count();
        assert_eq!(short, if path == "/dedicated" { 3 } else { 0 }, "{path}: {lengths:?}");
    }
    // A client that objects.
    let (mut peer, ws) = handles.open("/dedicated", "permessage-deflate; server_no_context_takeover").await;
    for _ in 0..3 {
        ws.send_text(&text).await.unwrap();
        let received = peer.message().await;
        assert!(inspect(b"", &received.compressed.unwrap()).text == text.as_bytes());
    }
}
