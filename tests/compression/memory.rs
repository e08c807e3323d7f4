//! Memory of connections: what each mode keeps, and that nothing is left.

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::{
    handles::Handles,
    noise,
    peer::{OFFER, Peer, compress, offering, serve},
    prose, with,
};
use crate::support::{
    BINARY, COMPRESSED, Dice, PING, PONG, RawSocket, Running, TEXT, frame, heap, is_alone, until,
};

const FIN: u8 = 0x80;

const PEERS: usize = 50;

/// Answers each message with a text of 1,000 bytes.
async fn answers(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send_text("x".repeat(1_000)).await?;
        }
    }
    Ok(Response::ok())
}

async fn server() -> Running {
    let quiet = |config: WebSocketConfig| config.keepalive_interval(None);
    let router = Router::new()
        .websocket_with("/off", answers, quiet(WebSocketConfig::default()))
        .websocket_with("/shared", answers, quiet(with(Compression::shared())))
        .websocket_with("/nine", answers, quiet(with(Compression::dedicated().window_bits(9))))
        .websocket_with("/twelve", answers, quiet(with(Compression::dedicated())))
        .websocket_with("/fifteen", answers, quiet(with(Compression::dedicated().window_bits(15))));
    serve(router).await
}

async fn open(server: &Running, path: &str) -> RawSocket {
    let (head, socket) = server.ask(&offering(path, &[OFFER])).await;
    assert_eq!(head.status, 101);
    assert_eq!(head.get("sec-websocket-extensions").is_some(), path != "/off");
    socket
}

/// Sends messages, and reads as many answers.
async fn talk(socket: &mut RawSocket, path: &str, messages: usize) {
    let message = match path {
        "/off" => frame(FIN | TEXT, &[b'x'; 1_000]),
        _ => frame(FIN | COMPRESSED | TEXT, &compress(&[b'x'; 1_000])),
    };
    for _ in 0..messages {
        socket.send(&message).await;
        assert_eq!(socket.any_frame().await.opcode, TEXT);
    }
    // The pong shows that the connection's task has written everything.
    socket.send(&frame(FIN | PING, b"")).await;
    assert_eq!(socket.any_frame().await.opcode, PONG);
    socket.shrink();
}

/// Returns the bytes that each of many idle connections holds.
async fn each(server: &Running, path: &str, messages: usize) -> usize {
    // The memory of the thread.
    talk(&mut open(server, path).await, path, messages.max(2)).await;
    let before = heap();
    let mut sockets = Vec::with_capacity(PEERS);
    for _ in 0..PEERS {
        let mut socket = open(server, path).await;
        talk(&mut socket, path, messages).await;
        sockets.push(socket);
    }
    let held = heap().saturating_sub(before) / PEERS;
    drop(sockets);
    until("all of it is given back", || heap().saturating_sub(before) < 40 << 10).await;
    held
}

/// The client's memory is that of a socket and its buffer in each case.
#[tokio::test]
async fn an_idle_connection_keeps_no_more_than_its_mode_says() {
    if !is_alone("compression::memory::an_idle_connection_keeps_no_more_than_its_mode_says") {
        return;
    }
    let server = server().await;
    let off = each(&server, "/off", 3).await;
    for (path, messages, more) in [
        ("/shared", 3, 64),
        ("/shared", 30, 64),
        ("/nine", 5, 2 * 512),
        ("/twelve", 10, 2 * 4_096),
        ("/fifteen", 40, 2 * 32_768),
        ("/fifteen", 1, 4 * 1_000),
        ("/fifteen", 0, 0),
    ] {
        let held = each(&server, path, messages).await;
        println!("{path}, {messages} messages: {held} bytes, {off} without");
        let most = off + more + if path == "/shared" { 0 } else { 200 };
        assert!(held <= most, "{path}: {held} bytes each, {off} without compression");
    }
}

/// However a message that is not complete ends.
#[tokio::test]
async fn incomplete_messages_leave_nothing_behind() {
    if !is_alone("compression::memory::incomplete_messages_leave_nothing_behind") {
        return;
    }
    let server = server().await;
    let mut dice = Dice(12);
    let noise = noise(&mut dice, 30_000);
    let compressed = compress(&noise);
    let (begin, rest) = compressed.split_at(compressed.len() - 3);
    for path in ["/shared", "/fifteen"] {
        let mut warm = open(&server, path).await;
        talk(&mut warm, path, 1).await;
        drop(warm);
        let before = heap();
        let mut sockets = Vec::with_capacity(PEERS);
        for _ in 0..PEERS {
            let mut socket = open(&server, path).await;
            socket.send(&[frame(COMPRESSED | BINARY, begin), frame(FIN | PING, b"")].concat()).await;
            assert_eq!(socket.any_frame().await.opcode, PONG);
            sockets.push(socket);
        }
        let held = heap().saturating_sub(before) / PEERS;
        // What it is counted for: 48 KiB, and the bytes of the message, which may double.
        assert!((70 << 10..120 << 10).contains(&held), "{path}: {held} bytes each");
        for (n, socket) in sockets.iter_mut().enumerate() {
            match n % 3 {
                0 => {
                    socket.send(&frame(FIN, rest)).await;
                    assert_eq!(socket.any_frame().await.opcode, TEXT);
                }
                1 => {
                    socket.send(&frame(FIN, &[0xff; 20])).await;
                    socket.expect_close(1007).await;
                }
                _ => {}
            }
        }
        let complete = sockets.into_iter().enumerate().filter(|(n, _)| n % 3 == 0).map(|(_, socket)| socket);
        let complete: Vec<RawSocket> = complete.collect();
        let window = if path == "/fifteen" { 2 * 32_768 } else { 0 };
        let most = complete.len() * (12_000 + window);
        until("decompressors are given back", || heap().saturating_sub(before) < most).await;
        drop(complete);
        until("all of it is given back", || heap().saturating_sub(before) < 100 << 10).await;
    }
}

/// In both directions, and to a room: neither the connection nor the thread keeps their memory.
#[tokio::test]
async fn large_messages_leave_nothing_behind() {
    const LARGE: usize = 4 << 20;
    if !is_alone("compression::memory::large_messages_leave_nothing_behind") {
        return;
    }
    let config = |compression| with(compression).max_message_size(LARGE).outbox_bytes(LARGE);
    let mut handles = Handles::new([
        ("/shared", config(Compression::shared())),
        ("/dedicated", config(Compression::dedicated().window_bits(15))),
    ])
    .await;
    let rooms = Rooms::<Message>::new();
    let text = prose(1, 1_000).repeat(LARGE / 1_000);
    let large = frame(FIN | COMPRESSED | TEXT, &compress(text.as_bytes()));
    for path in ["/shared", "/dedicated"] {
        let (mut peer, ws) = handles.open(path, OFFER).await;
        let membership = rooms.join("room", &ws).unwrap();
        let talk = async |peer: &mut Peer, text: &str, incoming: &[u8]| {
            ws.send_text(text).await.unwrap();
            membership.broadcast(&Message::Text(text.to_owned())).unwrap();
            peer.socket.send(incoming).await;
            for _ in 0..2 {
                let frame = peer.socket.any_frame().await;
                assert!(frame.is_compressed);
            }
            peer.socket.send(&frame(FIN | PING, b"")).await;
            assert_eq!(peer.socket.any_frame().await.opcode, PONG);
            peer.socket.shrink();
        };
        // The memory of the thread, and the windows.
        let warm = prose(1, 100_000);
        talk(&mut peer, &warm, &frame(FIN | COMPRESSED | TEXT, &compress(warm.as_bytes()))).await;
        let before = heap();
        talk(&mut peer, &text, &large).await;
        until("all of it is given back", || heap().saturating_sub(before) < 100 << 10).await;
    }
}
