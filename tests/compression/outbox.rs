//! The send queue counts messages as they are, compressed or not, and gives all of it back.

use ignitia::{
    prelude::*,
    websocket::{CloseKind, Compression, WebSocketConfig},
};

use super::{
    handles::Handles,
    noise,
    peer::{OFFER, Peer},
    prose, with,
};
use crate::support::{BINARY, Dice, next, transport::serve, until, within};

/// Length of a message, which is much shorter when it is compressed.
const LENGTH: usize = 4_000;

fn routes(change: impl Fn(WebSocketConfig) -> WebSocketConfig) -> Vec<(&'static str, WebSocketConfig)> {
    vec![
        ("/shared", change(with(Compression::shared()))),
        ("/dedicated", change(with(Compression::dedicated()))),
    ]
}

fn message(n: usize) -> Message {
    Message::Text(prose(n % 9, LENGTH))
}

/// Two messages are exactly within the limit. As long as the connection's task has no turn, nothing
/// of them is written or compressed.
#[tokio::test]
async fn a_full_queue_is_full_of_uncompressed_bytes() {
    // With the header of the first one, of four bytes.
    let routes = routes(|config| config.outbox_bytes(2 * LENGTH + 4));
    let mut handles = Handles::new(routes).await;
    for path in ["/shared", "/dedicated", "/plain"] {
        let (mut peer, ws) = match path {
            "/plain" => {
                let (socket, ws) = handles.open_plain("/shared").await;
                (Err(socket), ws)
            }
            _ => {
                let (peer, ws) = handles.open(path, OFFER).await;
                (Ok(peer), ws)
            }
        };
        // If a single byte was not given back, the last rounds would fail.
        for round in 0..50 {
            for n in 0..2 {
                ws.try_send(message(round + n)).unwrap_or_else(|_| panic!("{path}: {round}, {n}"));
            }
            let refused = ws.try_send(message(0)).unwrap_err();
            assert!(refused.is_full());
            assert_eq!(refused.into_inner(), message(0));
            let refused = ws.try_send_uncompressed(message(1)).unwrap_err();
            assert!(refused.is_full());
            assert_eq!(refused.into_inner(), message(1));
            within("the flush", ws.flush()).await.unwrap();
            for n in 0..2 {
                let Message::Text(expected) = message(round + n) else { unreachable!() };
                match &mut peer {
                    Ok(peer) => assert!(peer.expect_text(&expected).await),
                    Err(socket) => socket.expect_text(&expected).await,
                }
            }
        }
    }
}

#[tokio::test]
async fn a_full_queue_is_full_of_messages() {
    let mut handles = Handles::new(routes(|config| config.outbox_messages(3))).await;
    for path in ["/shared", "/dedicated"] {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        for round in 0..50 {
            for n in 0..3 {
                ws.try_send(message(round + n)).unwrap();
            }
            assert!(ws.try_send(message(0)).unwrap_err().is_full());
            within("the flush", ws.flush()).await.unwrap();
            for n in 0..3 {
                let Message::Text(expected) = message(round + n) else { unreachable!() };
                peer.expect_text(&expected).await;
            }
        }
    }
}

/// A sender waits for a peer that reads little by little, and goes on when it does.
#[tokio::test]
async fn a_sender_waits_for_room() {
    const MESSAGES: usize = 60;
    let config = |compression: Compression| with(compression.min_size(0).binary(true)).outbox_bytes(10_000);
    for compression in [Compression::shared(), Compression::dedicated()] {
        let (mut opened, router) = Handles::of([("/", config(compression))]);
        let (client, transport) = tokio::io::duplex(4_096);
        tokio::spawn(serve(router, transport));
        let mut peer = Peer::on(client.into(), "/", OFFER).await;
        let ws = next(&mut opened).await;
        let mut dice = Dice(2);
        let messages: Vec<Vec<u8>> =
            (0..MESSAGES).map(|n| [noise(&mut dice, 2_000), prose(n, 2_000).into_bytes()].concat()).collect();
        let mut sent = 0;
        let sending = async {
            for message in &messages {
                ws.send_binary(message.clone()).await.unwrap();
                sent += 1;
            }
            ws.flush().await.unwrap();
        };
        let reading = async {
            for message in &messages {
                assert!(peer.expect(BINARY, message).await);
            }
        };
        within("all messages", async { tokio::join!(sending, reading) }).await;
        assert_eq!(sent, MESSAGES);
    }
}

/// Messages that were not written are counted as unsent.
#[tokio::test]
async fn unsent_messages_are_counted() {
    let routes = routes(|config| config.outbox_bytes(64 << 20).keepalive_interval(None));
    let mut handles = Handles::new(routes).await;
    for path in ["/shared", "/dedicated"] {
        let (peer, ws) = handles.open(path, OFFER).await;
        peer.socket.reset();
        until("the connection is over", || {
            let _ = ws.try_send(message(0));
            ws.close_cause().is_some()
        })
        .await;
        assert_eq!(ws.close_cause().unwrap().kind, CloseKind::Lost);
        let (_peer, ws) = handles.open(path, OFFER).await;
        // None of them has a turn to be written.
        for n in 0..10 {
            ws.try_send(message(n)).unwrap();
        }
        assert!(ws.close_cause().is_none());
        within("the flush", ws.flush()).await.unwrap();
    }
}
