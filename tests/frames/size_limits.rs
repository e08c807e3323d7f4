//! Frames that are refused at their header, and the handling of their remaining bytes.

use std::time::Duration;

use ignitia::websocket::WebSocketConfig;

use crate::support::{
    End, Frame, PONG, Transport, close, echo, echoes, everywhere, frame, header, text, within,
};

/// Only the header is sent: a server that waited for the payload would stay silent until the client
/// gives up.
#[tokio::test]
async fn an_oversize_message_is_refused_at_its_header() {
    let config = WebSocketConfig::default().max_message_size(1_000);
    let router = || echoes(WebSocketConfig::default()).websocket_with("/small", echo, config.clone());
    everywhere(router, async |server| {
        for (path, declared) in
            [("/small", 1_001), ("/small", 8 << 20), ("/ws", (1 << 20) + 1), ("/ws", 16 << 20)]
        {
            let mut socket = server.open(path).await;
            let header = header(0x82, declared);
            socket.send(&header).await;
            socket.expect_close(1009).await;
            assert_eq!(socket.end().await, End::Eof);
        }
    })
    .await;
}

#[tokio::test]
async fn an_oversize_control_frame_is_refused_at_its_header() {
    everywhere(
        || echoes(WebSocketConfig::default()),
        async |server| {
            for (first, declared) in [(0x89, 126), (0x89, 8 << 20), (0x8a, 8 << 20), (0x88, 8 << 20)] {
                let mut socket = server.open("/ws").await;
                socket.send(&header(first, declared)).await;
                socket.expect_close(1002).await;
                assert_eq!(socket.end().await, End::Eof);
            }
        },
    )
    .await;
}

/// Five GiB are declared in all, within the limit; the pong behind each declaration shows that it
/// was read.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_declared_length_reserves_no_memory() {
    const DECLARED: u64 = 16 << 20;
    const CONNECTIONS: u64 = 320;
    let config = WebSocketConfig::default().max_message_size(32 << 20);
    let server = Transport::Plain.serve(echoes(config)).await;
    let before = virtual_memory();
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut socket = server.open("/ws").await;
        socket.send(&[frame(0x89, b""), header(0x82, DECLARED)].concat()).await;
        assert_eq!(socket.frame().await, Frame::whole(PONG, ""));
        sockets.push(socket);
    }
    // Other tests run at the same time, and every thread may reserve a heap of 64 MiB.
    let grown = virtual_memory().saturating_sub(before);
    assert!(grown < CONNECTIONS * DECLARED / 2, "{} MiB", grown >> 20);
}

/// Size of the address space of this process in bytes.
#[cfg(target_os = "linux")]
fn virtual_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// A server that closes TCP with unread bytes sends a reset, which may destroy the close frame.
#[tokio::test]
async fn the_1009_arrives_although_bytes_are_unread() {
    let config = WebSocketConfig::default().linger(Duration::from_secs(30));
    everywhere(
        || echoes(config.clone()),
        async |server| {
            let mut socket = server.open("/ws").await;
            let mut oversize = header(0x82, 8 << 20);
            oversize.resize(oversize.len() + (8 << 20), 0);
            socket.send(&oversize).await;
            socket.send(&[text("behind it"), close(1000, "")].concat()).await;
            assert!(!socket.expect_close(1009).await.is_empty());
            assert_eq!(socket.end().await, End::Eof);
        },
    )
    .await;
}

/// This client sends the declared bytes without end, until the server cuts it off.
#[tokio::test]
async fn a_lingering_connection_ends_in_time() {
    let config = WebSocketConfig::default().linger(Duration::from_millis(100));
    everywhere(
        || echoes(config.clone()),
        async |server| {
            let mut socket = server.open("/ws").await;
            socket.send(&header(0x82, 8 << 20)).await;
            let zeros = vec![0; 64 << 10];
            let sent = async { while socket.try_send(&zeros).await.is_ok() {} };
            within("the end of the linger", sent).await;
        },
    )
    .await;
}
