//! HTTP/2 frame by frame ([RFC 9113](https://www.rfc-editor.org/rfc/rfc9113), section 4), valid or
//! not.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{End, tcp, within};

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
pub(super) const PRIORITY: u8 = 0x2;
pub(super) const RST_STREAM: u8 = 0x3;
pub(super) const SETTINGS: u8 = 0x4;
pub(super) const PUSH_PROMISE: u8 = 0x5;
pub(super) const PING: u8 = 0x6;
pub(super) const GOAWAY: u8 = 0x7;
pub(super) const WINDOW_UPDATE: u8 = 0x8;
pub(super) const CONTINUATION: u8 = 0x9;

pub(super) const ACK: u8 = 0x1;
pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const WITH_PRIORITY: u8 = 0x20;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Returns a SETTINGS frame with parameters by number.
pub(super) fn settings(parameters: &[(u16, u32)]) -> Vec<u8> {
    let payload =
        parameters.iter().flat_map(|(id, value)| id.to_be_bytes().into_iter().chain(value.to_be_bytes()));
    frame(SETTINGS, 0, 0, &payload.collect::<Vec<u8>>())
}

pub(super) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(super) fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub(super) fn data(stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(DATA, 0, stream, payload)
}

/// Encodes fields as HPACK literals without indexing (RFC 7541, section 6.2.2).
pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| [vec![0], string(name), string(value)].concat()).collect()
}

pub(super) fn string(text: &str) -> Vec<u8> {
    [integer(7, 0, text.len()), text.as_bytes().to_vec()].concat()
}

/// Encodes an integer behind a prefix of so many bits (RFC 7541, section 5.1).
pub(super) fn integer(bits: u32, first: u8, mut value: usize) -> Vec<u8> {
    let most = (1 << bits) - 1;
    if value < most {
        return vec![first | value as u8];
    }
    let mut bytes = vec![first | most as u8];
    value -= most;
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// The fields of a valid extended CONNECT.
pub(super) const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":path", "/ws"),
    (":authority", "localhost"),
    ("sec-websocket-version", "13"),
];

/// The fields of a valid GET.
pub(super) const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "http"), (":path", "/page"), (":authority", "localhost")];

/// Returns a request whose stream stays open.
pub(super) fn headers(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &block(fields))
}

/// Returns a request without a body.
pub(super) fn get(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(fields))
}

/// A frame of the server.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Received {
    /// Returns the code of a RST_STREAM or a GOAWAY.
    pub(super) fn code(&self) -> u32 {
        let begin = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[begin..begin + 4].try_into().unwrap())
    }

    /// Returns the status of an answer: its first field.
    pub(super) fn status(&self) -> u16 {
        assert_eq!(self.kind, HEADERS);
        // Our settings give the server no HPACK table; the block may begin with an update that says
        // so.
        let mut block = &self.payload[..];
        while block[0] & 0xe0 == 0x20 {
            block = &block[1..];
        }
        match block {
            [indexed @ 0x88..=0x8e, ..] => [200, 204, 206, 304, 400, 404, 500][usize::from(indexed - 0x88)],
            [0x08 | 0x18 | 0x48, 0x03, digits @ ..] => {
                std::str::from_utf8(&digits[..3]).unwrap().parse().unwrap()
            }
            [0x08 | 0x18 | 0x48, length, digits @ ..] => digits_of(&digits[..usize::from(length & 0x7f)]),
            other => panic!("no status: {other:02x?}"),
        }
    }
}

/// Decodes three digits of the Huffman code (RFC 7541, appendix B): 5 bits up to `2`, 6 above.
fn digits_of(bytes: &[u8]) -> u16 {
    let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)));
    let mut number = 0;
    for _ in 0..3 {
        let five = (0..5).fold(0, |five, _| five << 1 | bits.next().unwrap());
        let digit = if five < 3 { five } else { (five << 1 | bits.next().unwrap()) - 0x19 + 3 };
        number = number * 10 + digit;
    }
    number
}

/// The client's end of a connection. It answers no frame by itself.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
    probes: u64,
}

impl Wire {
    /// Connects and sends nothing.
    pub(super) async fn silent(addr: SocketAddr) -> Self {
        Self { stream: tcp(addr, None).await, received: Vec::new(), probes: 0 }
    }

    /// Connects with a receive buffer as small as the kernel allows, and sends nothing.
    pub(super) async fn narrow(addr: SocketAddr) -> Self {
        Self { stream: tcp(addr, Some(4096)).await, received: Vec::new(), probes: 0 }
    }

    /// Sends the preface with these settings and an HPACK table of size zero for the server.
    pub(super) async fn begin(&mut self, parameters: &[(u16, u32)]) {
        self.send(&[PREFACE, &settings(&[&[(1, 0)], parameters].concat())].concat()).await;
        let theirs = self.next().await.unwrap();
        assert_eq!((theirs.kind, theirs.flags), (SETTINGS, 0));
        self.send(&frame(SETTINGS, ACK, 0, b"")).await;
        self.probe().await.unwrap();
    }

    pub(super) async fn open(addr: SocketAddr) -> Self {
        let mut wire = Self::silent(addr).await;
        wire.begin(&[]).await;
        wire
    }

    /// Opens a WebSocket on this stream.
    pub(super) async fn upgrade(&mut self, stream: u32, path: &str) {
        let mut fields = CONNECT;
        fields[3].1 = path;
        self.send(&headers(stream, &fields)).await;
        assert_eq!(self.about(stream).await.status(), 200, "{path}");
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        within("the server takes bytes", self.stream.write_all(bytes)).await.unwrap();
    }

    /// Sends as much as the server takes; returns false if that is not everything.
    pub(super) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        within("the server takes bytes, or ends", self.stream.write_all(bytes)).await.is_ok()
    }

    /// Sends until the server takes no more; returns the number of bytes sent.
    pub(super) async fn send_until_stuck(&mut self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        while sent < bytes.len() {
            let write = self.stream.write(&bytes[sent..]);
            // The server runs on this thread: it has been polled many times before the timer fires.
            match tokio::time::timeout(std::time::Duration::from_secs(1), write).await {
                Ok(written) => sent += written.unwrap(),
                Err(_) => break,
            }
        }
        sent
    }

    /// Returns the next frame, or the end of the connection.
    pub(super) async fn next(&mut self) -> Result<Received, End> {
        loop {
            if let [a, b, c, kind, flags, s1, s2, s3, s4, ..] = self.received[..] {
                let end = 9 + u32::from_be_bytes([0, a, b, c]) as usize;
                if self.received.len() >= end {
                    let payload = self.received[9..end].to_vec();
                    self.received.drain(..end);
                    let stream = u32::from_be_bytes([s1, s2, s3, s4]);
                    return Ok(Received { kind, flags, stream, payload });
                }
            }
            match within("a frame", self.stream.read_buf(&mut self.received)).await {
                Ok(0) => return Err(End::Eof),
                Ok(_) => {}
                Err(_) => return Err(End::Reset),
            }
        }
    }

    /// Returns the next frame of a stream and skips those of others.
    pub(super) async fn about(&mut self, stream: u32) -> Received {
        loop {
            let frame = self.next().await.unwrap();
            assert_ne!(frame.kind, GOAWAY, "{:?}", String::from_utf8_lossy(&frame.payload));
            if frame.stream == stream && frame.kind != WINDOW_UPDATE {
                return frame;
            }
        }
    }

    /// Sends a ping; returns the frames before its answer, or as an error those before the end.
    pub(super) async fn probe(&mut self) -> Result<Vec<Received>, Vec<Received>> {
        self.probes += 1;
        let payload = self.probes.to_be_bytes();
        let mut said = Vec::new();
        if !self.try_send(&frame(PING, 0, 0, &payload)).await {
            while let Ok(frame) = self.next().await {
                said.push(frame);
            }
            return Err(said);
        }
        loop {
            match self.next().await {
                Ok(frame) if (frame.kind, frame.flags) == (PING, ACK) && frame.payload == payload => {
                    return Ok(said);
                }
                Ok(frame) => said.push(frame),
                Err(_) => return Err(said),
            }
        }
    }

    /// Sends a message on a WebSocket and expects its echo.
    pub(super) async fn echo(&mut self, stream: u32, line: &str) {
        self.send(&data(stream, &crate::support::text(line))).await;
        let answer = self.about(stream).await;
        assert_eq!(answer.kind, DATA, "{answer:?}");
        assert_eq!(&answer.payload[2..], line.as_bytes());
    }

    /// Reads to the end; returns the code of the GOAWAY before it.
    pub(super) async fn going_away(&mut self) -> u32 {
        let mut code = None;
        while let Ok(frame) = self.next().await {
            if frame.kind == GOAWAY {
                code = Some(frame.code());
            }
        }
        code.expect("the connection ends without a word")
    }
}
