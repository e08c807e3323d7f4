//! Memory of connections: what each mode keeps, and that nothing is left.

use ignitia::{
    prelude::*,
    websocket::{Compression, WebSocketConfig},
};

use super::{
    noise,
    peer::{OFFER, compress, offering, serve},
    with,
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
