//! Clients that are members, and what they are sent.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Client that is a member.
pub(super) struct Member(BufReader<TcpStream>);

impl Member {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
        let mut stream = BufReader::with_capacity(64 << 10, stream);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        Self(stream)
    }

    /// Returns the next message: a text in one frame.
    pub(super) async fn next(&mut self) -> String {
        assert_eq!(self.0.read_u8().await.unwrap(), 0x81, "a text in one frame");
        let length = match self.0.read_u8().await.unwrap() {
            126 => usize::from(self.0.read_u16().await.unwrap()),
            length => usize::from(length),
        };
        let mut text = vec![0; length];
        self.0.read_exact(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }
}

/// Returns a message of 120 bytes.
pub(super) fn text(number: usize) -> String {
    let head = format!(r#"{{"type":"said","number":{number},"text":""#);
    let padding = "x".repeat(118 - head.len());
    format!("{head}{padding}\"}}")
}
