//! Metrics and spans of connections with compression.

use ignitia::{prelude::*, websocket::Compression};

use super::{
    handles::Handles,
    peer::{OFFER, Peer, compress, serve},
    prose, with,
};
use crate::support::{BINARY, COMPRESSED, Log, PING, PONG, Recorder, TEXT, close, echoes, frame, until};

const FIN: u8 = 0x80;

const WIRE: &str = "ignitia_bytes_total";
const UNCOMPRESSED: &str = "ignitia_uncompressed_bytes_total";

/// Length of the server's close frame.
const CLOSE_FRAME: usize = 4;

/// Returns the length of a server's frame.
fn frame_length(payload: usize) -> usize {
    payload
        + if payload < 126 {
            2
        } else if payload < 1 << 16 {
            4
        } else {
            10
        }
}

/// Messages of a sender: what goes out, and what would have.
#[tokio::test]
async fn bytes_out_are_counted_twice() {
    for compression in [Compression::shared(), Compression::dedicated()] {
        let mut recorder = Recorder::install();
        let mut handles = Handles::new([("/", with(compression))]).await;
        let (mut peer, ws) = handles.open("/", OFFER).await;
        let (mut wire, mut uncompressed) = (0, 0);
        for n in 0..50 {
            let text = prose(n, 100 * n);
            ws.send_text(&text).await.unwrap();
            let received = peer.message().await;
            wire += frame_length(received.compressed.map_or(text.len(), |compressed| compressed.len()));
            uncompressed += frame_length(text.len());
        }
        peer.socket.send(&close(1000, "")).await;
        peer.socket.expect_close(1000).await;
        until("it is over", || ws.close_cause().is_some()).await;
        let (wire, uncompressed) = (wire + CLOSE_FRAME, uncompressed + CLOSE_FRAME);
        let labels = "route=/ direction=out";
        until("all of it is counted", || recorder.sum(WIRE, labels) >= wire as f64).await;
        assert_eq!(recorder.sum(WIRE, labels), wire as f64);
        assert_eq!(recorder.sum(UNCOMPRESSED, labels), uncompressed as f64);
    }
}

/// Broadcasts, also when they are the last that a connection is sent. Those to several members are
/// written directly, past the tasks that report.
#[tokio::test]
async fn broadcasts_are_counted_twice() {
    const MESSAGES: usize = 20;
    for members in [1, 8] {
        for compression in [Compression::shared(), Compression::dedicated()] {
            let mut recorder = Recorder::install();
            let mut handles = Handles::new([("/", with(compression))]).await;
            let rooms = Rooms::<Message>::new();
            let (mut peers, mut memberships) = (Vec::new(), Vec::new());
            for _ in 0..members {
                let (peer, ws) = handles.open("/", OFFER).await;
                memberships.push(rooms.join("room", &ws).unwrap());
                peers.push((peer, ws));
            }
            let (mut wire, mut uncompressed) = (0, 0);
            for n in 0..MESSAGES {
                let text = prose(n, 200 * n);
                rooms.room("room").broadcast(&Message::Text(text.clone())).unwrap();
                for (peer, _) in &mut peers {
                    let received = peer.message().await;
                    wire +=
                        frame_length(received.compressed.map_or(text.len(), |compressed| compressed.len()));
                    uncompressed += frame_length(text.len());
                }
            }
            for (peer, ws) in &mut peers {
                peer.socket.send(&close(1000, "")).await;
                peer.socket.expect_close(1000).await;
                until("it is over", || ws.close_cause().is_some()).await;
            }
            let (wire, uncompressed) = (wire + members * CLOSE_FRAME, uncompressed + members * CLOSE_FRAME);
            let labels = "route=/ direction=out";
            until("all of it is counted", || recorder.sum(WIRE, labels) >= wire as f64).await;
            assert_eq!(recorder.sum(WIRE, labels), wire as f64);
            let found = recorder.sum(UNCOMPRESSED, labels);
            assert_eq!(found, uncompressed as f64, "{members} members, {compression:?}");
        }
    }
}

/// However the messages arrive: only headers may be counted as they are.
#[tokio::test]
async fn bytes_in_are_counted_twice() {
    let message = prose(1, 3_000);
    let compressed = compress(message.as_bytes());
    let whole = frame(FIN | COMPRESSED | TEXT, &compressed);
    let cut = [frame(COMPRESSED | TEXT, &compressed[..50]), frame(FIN, &compressed[50..])].concat();
    for (what, bytes, step) in [
        ("in one piece", &whole, usize::MAX),
        ("in pieces", &whole, 30),
        ("byte by byte", &whole, 1),
        ("fragments", &cut, usize::MAX),
        ("fragments byte by byte", &cut, 1),
    ] {
        let mut recorder = Recorder::install();
        let server = serve(echoes(with(Compression::shared()))).await;
        let mut peer = Peer::open(&server, "/ws", OFFER).await;
        for piece in bytes.chunks(step.min(bytes.len())) {
            peer.socket.send(piece).await;
            tokio::task::yield_now().await;
        }
        peer.expect_text(&message).await;
        let end = close(1000, "");
        peer.socket.send(&end).await;
        peer.socket.expect_close(1000).await;
        let labels = "route=/ws direction=in";
        let wire = (bytes.len() + end.len()) as f64;
        until("all of it is counted", || recorder.sum(WIRE, labels) >= wire).await;
        assert_eq!(recorder.sum(WIRE, labels), wire, "{what}");
        let uncompressed = (message.len() + 8 + end.len()) as f64;
        let found = recorder.sum(UNCOMPRESSED, labels);
        assert!((found - uncompressed).abs() < 10.0, "{what}: {found} instead of {uncompressed}");
    }
}

/// Without compression both are the same.
#[tokio::test]
async fn without_compression_both_counts_are_the_same() {
    let mut recorder = Recorder::install();
    let server = serve(echoes(with(Compression::shared()))).await;
    let mut socket = server.open("/ws").await;
    for n in 0..20 {
        let text = prose(n, 200 * n);
        socket.send(&frame(FIN | TEXT, text.as_bytes())).await;
        socket.expect_text(&text).await;
        socket.send(&frame(FIN | BINARY, text.as_bytes())).await;
        socket.frame().await;
    }
    socket.send(&frame(FIN | PING, b"")).await;
    assert_eq!(socket.frame().await.opcode, PONG);
    for direction in ["in", "out"] {
        let labels = format!("route=/ws direction={direction}");
        let wire = recorder.sum(WIRE, &labels);
        assert!(wire > 30_000.0 && recorder.sum(UNCOMPRESSED, &labels) == wire, "{direction}: {wire}");
    }
}

/// The span of a connection names what was agreed on, and nothing if there was nothing.
#[tokio::test]
async fn the_span_has_the_parameters() {
    let (log, _guard) = Log::begin_at(tracing::Level::DEBUG);
    let server = serve(echoes(with(Compression::dedicated()))).await;
    let mut peer = Peer::open(&server, "/ws", OFFER).await;
    let parameters = peer.parameters.clone();
    peer.socket.send(&close(4001, "compressed")).await;
    peer.socket.expect_close(4001).await;
    let line = log.line("compressed").await;
    assert!(line.contains(&format!("compression={parameters}}}")), "{line}");
    let mut socket = server.open("/ws").await;
    socket.send(&close(4002, "as it is")).await;
    socket.expect_close(4002).await;
    let line = log.line("as it is").await;
    assert!(line.contains("websocket{") && !line.contains("compression"), "{line}");
}
