//! Other tasks get their turn while messages are decompressed.

use ignitia::{limits::Rate, prelude::*, websocket::Compression};

use super::{
    peer::{OFFER, Peer, compress},
    with,
};
use crate::support::{BINARY, COMPRESSED, PING, PONG, Recorder, TEXT, Transport, frame};

const FIN: u8 = 0x80;

/// Longest message, which is that of each bomb.
const MAX: usize = 256 << 10;

/// A handler that does not want to know: it never stops the reading.
async fn ignores(ws: WebSocketConnection) -> Result<Response> {
    ws.ignore_messages();
    ws.closed().await;
    Ok(Response::ok())
}

/// Sends frames, and returns by how much a counter of what comes in has grown at most between two
/// turns of another task.
async fn most_between_turns(recorder: &mut Recorder, peer: &mut Peer, frames: &[u8], counter: &str) -> f64 {
    let whole = [frames, &frame(FIN | PING, b"")].concat();
    let sending = async {
        peer.socket.send(&whole).await;
        assert_eq!(peer.socket.any_frame().await.opcode, PONG);
    };
    let (mut before, mut most) = (0.0, 0.0_f64);
    let watching = async {
        loop {
            tokio::task::yield_now().await;
            let now = recorder.sum(counter, "route=/ws direction=in");
            (before, most) = (now, most.max(now - before));
        }
    };
    tokio::select! {
        () = sending => {}
        () = watching => unreachable!("it never ends"),
    }
    most
}

/// All tasks run on one thread, and one of them counts what happens between its turns.
#[tokio::test]
async fn bombs_to_a_handler_that_ignores_messages_do_not_starve_other_tasks() {
    const BOMBS: usize = 200;
    for (transport, opcode, limits_rate) in
        [(Transport::Plain, BINARY, false), (Transport::Plain, TEXT, true), (Transport::Http2, TEXT, false)]
    {
        let mut recorder = Recorder::install();
        let mut config = with(Compression::shared()).max_message_size(MAX);
        if limits_rate {
            config = config.message_rate(Rate::new(1_000_000, 1_000_000));
        }
        let server = transport.serve(Router::new().websocket_with("/ws", ignores, config)).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        let bomb = frame(FIN | COMPRESSED | opcode, &compress(&vec![0; MAX]));
        let counter = "ignitia_uncompressed_bytes_total";
        let most = most_between_turns(&mut recorder, &mut peer, &bomb.repeat(BOMBS), counter).await;
        let turns = BOMBS as f64 * MAX as f64 / most;
        assert!(turns > 8.0, "{transport:?}: {turns} turns, {most} bytes between them");
    }
}

/// A final block costs two bytes, and what comes behind it is begun anew.
#[tokio::test]
async fn nor_do_streams_behind_final_blocks() {
    const MESSAGES: usize = 2_000;
    let mut recorder = Recorder::install();
    let config = with(Compression::dedicated().window_bits(15));
    let server = Transport::Plain.serve(Router::new().websocket_with("/ws", ignores, config)).await;
    let mut peer = Peer::open(&server, "/ws", OFFER).await;
    let streams = frame(FIN | COMPRESSED | BINARY, &[3, 0].repeat(64));
    let whole = streams.repeat(MESSAGES);
    let most = most_between_turns(&mut recorder, &mut peer, &whole, "ignitia_messages_total").await;
    // Metrics are reported in each poll: four messages in each of a poll's reads are plenty.
    assert!((1.0..=16.0).contains(&most), "{most} messages between turns");
}
