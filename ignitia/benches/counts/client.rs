//! A client that allocates nothing while it is idle.

use std::{
    io::{IoSlice, Read, Write},
    net::{Shutdown, TcpStream},
};

/// A blocking client without buffers.
pub(super) struct EchoClient {
    pub(super) stream: TcpStream,
    /// First byte of the messages.
    opcode: u8,
}

impl EchoClient {
    pub(super) fn new(stream: TcpStream, opcode: u8) -> Self {
        Self { stream, opcode }
    }

    /// Closes, and waits until the server has closed the transport.
    pub(super) fn close(mut self) {
        self.stream.write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
        self.read_to_end();
    }

    /// Shuts down its own direction, and waits until the server has closed the other.
    pub(super) fn half_close(mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self.read_to_end();
    }

    fn read_to_end(&mut self) {
        while self.stream.read(&mut [0; 1024]).is_ok_and(|n| n > 0) {}
    }

    /// Disconnects with an unread echo, which makes the kernel send a reset.
    pub(super) fn reset(mut self) {
        self.stream.write_all(b"\x81\x81\0\0\0\0x").unwrap();
        self.stream.peek(&mut [0]).unwrap();
    }

    /// Sends a message, and reads its echo.
    pub(super) fn echo(&mut self, payload: &[u8]) {
        // A masking key of zeros leaves the payload unchanged.
        let mut head = [0; 14];
        head[0] = self.opcode;
        let size = match payload.len() {
            n @ 0..=125 => {
                head[1] = 0x80 | n as u8;
                6
            }
            n @ 126..=65_535 => {
                head[1] = 0xfe;
                head[2..4].copy_from_slice(&(n as u16).to_be_bytes());
                8
            }
            n => {
                head[1] = 0xff;
                head[2..10].copy_from_slice(&(n as u64).to_be_bytes());
                14
            }
        };
        // One write: a frame that arrives in two reads is collected in memory of its own.
        let head = &head[..size];
        let written = self.stream.write_vectored(&[IoSlice::new(head), IoSlice::new(payload)]).unwrap();
        self.stream.write_all(&head[written.min(size)..]).unwrap();
        self.stream.write_all(&payload[written.saturating_sub(size)..]).unwrap();
        // The echo has no masking key.
        self.skip(size - 4 + payload.len());
    }

    /// Sends a frame, and reads another.
    #[cfg(feature = "compression")]
    pub(super) fn exchange(&mut self, frame: &[u8]) {
        self.stream.write_all(frame).unwrap();
        let mut head = [0; 2];
        self.stream.read_exact(&mut head).unwrap();
        assert_eq!(head[0], 0xc1, "it is no compressed text");
        let mut length = usize::from(head[1]);
        if length == 126 {
            self.stream.read_exact(&mut head).unwrap();
            length = u16::from_be_bytes(head).into();
        }
        self.skip(length);
    }

    /// Sends a ping, and waits for the pong.
    #[cfg(feature = "compression")]
    pub(super) fn ping(&mut self) {
        self.stream.write_all(b"\x89\x80\0\0\0\0").unwrap();
        let mut pong = [0; 2];
        self.stream.read_exact(&mut pong).unwrap();
        assert_eq!(pong, [0x8a, 0]);
    }

    fn skip(&mut self, bytes: usize) {
        let mut left = bytes;
        let mut buffer = [0; 16 << 10];
        while left > 0 {
            let most = left.min(buffer.len());
            let n = self.stream.read(&mut buffer[..most]).unwrap();
            assert!(n > 0, "the server closed");
            left -= n;
        }
    }
}
