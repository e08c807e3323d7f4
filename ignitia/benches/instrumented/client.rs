//! A blocking WebSocket client.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// A client over a blocking socket.
pub(crate) struct BlockingClient(BufReader<TcpStream>);

#[allow(dead_code, reason = "some benches use a part of it")]
impl BlockingClient {
    pub(crate) fn connect(port: u16, path: &str) -> Self {
        let (client, status) = Self::request(port, path, "Upgrade", "");
        assert_eq!(status, "101");
        client
    }

    /// Connects, and has compression agreed on.
    pub(crate) fn connect_compressed(port: u16, path: &str) -> Self {
        let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
        let (client, status) = Self::request(port, path, "Upgrade", offer);
        assert_eq!(status, "101");
        client
    }

    /// Requests a WebSocket with additional header lines, and closes it if it opens.
    pub(crate) fn request_and_close(port: u16, path: &str, connection: &str, lines: &str) {
        let (client, status) = Self::request(port, path, connection, lines);
        if status == "101" {
            client.close();
        }
    }

    fn request(port: u16, path: &str, connection: &str, lines: &str) -> (Self, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let status = line.strip_prefix("HTTP/1.1 ").unwrap_or_else(|| panic!("{line}"))[..3].to_owned();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        (Self(stream), status)
    }

    /// Sends a text of up to 65,535 bytes several times, in one write.
    pub(crate) fn send(&mut self, text: &str, times: usize) {
        self.send_frame(0x81, text.as_bytes(), times);
    }

    /// Sends a compressed text.
    pub(crate) fn send_compressed(&mut self, compressed: &[u8]) {
        self.send_frame(0xc1, compressed, 1);
    }

    /// Sends a compressed text in these fragments, in one write.
    pub(crate) fn send_compressed_in_fragments(&mut self, fragments: &[Vec<u8>]) {
        let mut frames = Vec::new();
        for (n, fragment) in fragments.iter().enumerate() {
            let first = if n == 0 { 0x41 } else { 0 };
            let last = if n + 1 == fragments.len() { 0x80 } else { 0 };
            push_frame(&mut frames, first | last, fragment);
        }
        self.0.get_mut().write_all(&frames).unwrap();
    }

    fn send_frame(&mut self, first: u8, payload: &[u8], times: usize) {
        let mut frame = Vec::new();
        push_frame(&mut frame, first, payload);
        self.0.get_mut().write_all(&frame.repeat(times)).unwrap();
    }

    /// Receives a text of up to 65,535 bytes.
    pub(crate) fn recv(&mut self) -> String {
        String::from_utf8(self.recv_frame(0x81)).unwrap()
    }

    /// Receives a compressed text.
    pub(crate) fn recv_compressed(&mut self) -> Vec<u8> {
        self.recv_frame(0xc1)
    }

    fn recv_frame(&mut self, first: u8) -> Vec<u8> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).unwrap();
        assert!(head[0] == first && head[1] < 127, "{head:?}");
        let mut length = usize::from(head[1]);
        if length == 126 {
            self.0.read_exact(&mut head).unwrap();
            length = u16::from_be_bytes(head).into();
        }
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).unwrap();
        payload
    }

    /// Closes, and waits for the server to end the connection.
    pub(crate) fn close(mut self) {
        self.0.get_mut().write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
        self.0.read_to_end(&mut Vec::new()).unwrap();
    }
}

/// Appends a frame with a payload of up to 65,535 bytes.
fn push_frame(bytes: &mut Vec<u8>, first: u8, payload: &[u8]) {
    bytes.push(first);
    match u8::try_from(payload.len()) {
        Ok(short @ ..126) => bytes.push(0x80 | short),
        _ => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    // A masking key of zeros leaves the payload unchanged.
    bytes.extend([0; 4]);
    bytes.extend(payload);
}
