//! Final blocks: what comes behind one is a stream of its own.

use std::time::Instant;

use super::peer::{OFFER, Peer, compress, serve};
use crate::support::{COMPRESSED, TEXT, echoes, frame};
use ignitia::websocket::{Compression, WebSocketConfig};

#[tokio::test]
async fn scratch() {
    let config = WebSocketConfig::default().compression(Compression::shared());
    let server = serve(echoes(config)).await;
    for finals in [0, 100, 1_000, 10_000] {
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        let big = compress(&vec![b'x'; 1 << 20]);
        println!("{}", big.len());
        let message = [&big[..], &[0, 0, 0xff, 0xff], &[3, 0].repeat(finals)].concat();
        let start = Instant::now();
        peer.socket.send(&frame(0x80 | COMPRESSED | TEXT, &message)).await;
        let got = peer.socket.any_frame().await;
        println!(
            "{finals}: {:?} {} {:.50?}",
            start.elapsed(),
            got.opcode,
            String::from_utf8_lossy(&got.payload[..50.min(got.payload.len())])
        );
    }
}
