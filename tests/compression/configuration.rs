//! Configurations that cannot be, and those of one kind of message.

use ignitia::{prelude::*, websocket::Compression};

use super::{
    peer::{OFFER, Peer, serve},
    prose, with,
};
use crate::support::{BINARY, TEXT, echo, echoes};

/// They are reported as all other mistakes of a configuration are, all at once and by their route.
#[test]
fn faults_are_reported() {
    for (compression, faults) in [
        (Compression::dedicated().window_bits(8), &["9 to 15 bits, not 8"][..]),
        (Compression::dedicated().window_bits(16), &["9 to 15 bits, not 16"]),
        (Compression::dedicated().window_bits(0), &["9 to 15 bits, not 0"]),
        (Compression::shared().level(0), &["1 to 9, not 0"]),
        (Compression::shared().level(10), &["1 to 9, not 10"]),
        (Compression::dedicated().window_bits(255).level(255), &["bits, not 255", "9, not 255"]),
    ] {
        let route = Router::new().websocket_with("/ws", echo, with(compression));
        for router in [route, echoes(with(compression))] {
            let error = router.into_axum().unwrap_err().to_string();
            for fault in faults {
                assert!(error.contains(fault), "{compression:?}: {error}");
            }
        }
    }
}

#[test]
fn every_configuration_that_can_be_is_accepted() {
    for bits in 9..=15 {
        for level in 1..=9 {
            let compression = Compression::dedicated().window_bits(bits).level(level);
            let _ = echoes(with(compression)).into_axum().unwrap();
        }
    }
    let _ = echoes(with(Compression::shared().min_size(0))).into_axum().unwrap();
    let _ = echoes(with(Compression::shared().min_size(usize::MAX))).into_axum().unwrap();
    let _ = echoes(with(Compression::shared().text(false).binary(false))).into_axum().unwrap();
}

/// Text from 256 bytes on, and binary messages on demand.
#[tokio::test]
async fn kinds_and_sizes_are_as_configured() {
    let shared = Compression::shared;
    for (compression, kind, length, is_compressed) in [
        (shared(), TEXT, 255, false),
        (shared(), TEXT, 256, true),
        (shared(), TEXT, 100_000, true),
        (shared(), BINARY, 100_000, false),
        (shared().min_size(1_000), TEXT, 999, false),
        (shared().min_size(1_000), TEXT, 1_000, true),
        (shared().min_size(0), TEXT, 30, true),
        (shared().min_size(usize::MAX), TEXT, 100_000, false),
        (shared().text(false), TEXT, 100_000, false),
        (shared().binary(true), BINARY, 255, false),
        (shared().binary(true), BINARY, 256, true),
        (shared().binary(true).text(false), TEXT, 1_000, false),
        (shared().binary(true).text(false), BINARY, 1_000, true),
        (Compression::dedicated(), TEXT, 255, false),
        (Compression::dedicated(), TEXT, 256, true),
        (Compression::dedicated().binary(true), BINARY, 256, true),
        (Compression::dedicated(), BINARY, 256, false),
    ] {
        let server = serve(echoes(with(compression))).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        let message = "ab".repeat(length)[..length].to_owned();
        for _ in 0..2 {
            // What the client compresses is its own business.
            peer.send(kind, message.as_bytes()).await;
            let was_compressed = peer.expect(kind, message.as_bytes()).await;
            assert_eq!(was_compressed, is_compressed, "{compression:?}: {length} bytes of {kind}");
        }
    }
}

/// A higher level is more effort: never longer by more than a little, and shorter in all.
#[tokio::test]
async fn levels_are_those_of_zlib() {
    let message = prose(3, 60_000);
    let mut lengths = Vec::new();
    for level in 1..=9 {
        let server = serve(echoes(with(Compression::shared().level(level)))).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        peer.send_text(&message).await;
        let received = peer.message().await;
        assert!(received.text() == message);
        lengths.push(received.compressed.unwrap().len());
    }
    assert!(lengths[8] < lengths[5] + 100 && lengths[5] < lengths[0], "{lengths:?}");
}
