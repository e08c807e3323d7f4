//! A WebSocket client that can send parts of frames.

use std::{io, net::SocketAddr, sync::LazyLock};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
};

use super::{
    deadline::{ClientResult, within},
    frames::{Frame, PING, PONG, close, frame},
    http2_stream::Http2Stream,
    tcp,
};

/// True while clients delay their pongs. If the server is frozen then, thousands of pongs arrive
/// during the freeze.
pub(super) static DELAYED_PONGS: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// A client's end of a WebSocket. It answers pings while it reads.
pub(super) struct WebSocketClient {
    transport: ClientTransport,
    received: Vec<u8>,
    /// Bytes to write.
    out: Vec<u8>,
    /// True while only a part of a frame is sent: pongs have to wait for the rest.
    is_within_frame: bool,
    pongs: Vec<u8>,
}

/// Connection below a WebSocket.
pub(super) enum ClientTransport {
    Tcp(TcpStream),
    Http2(Http2Stream),
}

/// Returns the head of a handshake.
pub(super) fn request(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// Waits until pongs are no longer delayed.
async fn pongs_are_due() {
    let mut delayed = DELAYED_PONGS.subscribe();
    delayed.wait_for(|delayed| !delayed).await.ok();
}

impl WebSocketClient {
    pub(super) async fn open(addr: SocketAddr, path: &str) -> ClientResult<Self> {
        Self::over(tcp::connect(addr, None).await?, path).await
    }

    pub(super) async fn over(mut stream: TcpStream, path: &str) -> ClientResult<Self> {
        let mut received = Vec::new();
        let head = within::<io::Result<Vec<u8>>>("the answer to the handshake", async {
            stream.write_all(request(path).as_bytes()).await?;
            loop {
                if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                    return Ok(received.drain(..end + 4).collect());
                }
                if stream.read_buf(&mut received).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        });
        let head = head.await?.map_err(|error| format!("the handshake of {path}: {error}"))?;
        if !head.starts_with(b"HTTP/1.1 101 ") {
            return Err(format!("the handshake of {path}: {}", String::from_utf8_lossy(&head)));
        }
        let mut client = Self::new(ClientTransport::Tcp(stream));
        client.received = received;
        Ok(client)
    }

    pub(super) fn new(transport: ClientTransport) -> Self {
        let (received, out, pongs) = (Vec::new(), Vec::new(), Vec::new());
        Self { transport, received, out, is_within_frame: false, pongs }
    }

    /// Queues whole frames, to be written while frames are read.
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> ClientResult<()> {
        self.queue(bytes);
        self.flush().await
    }

    /// Sends a part of a frame.
    pub(super) async fn send_part(&mut self, bytes: &[u8]) -> ClientResult<()> {
        self.flush().await?;
        self.is_within_frame = true;
        self.send(bytes).await
    }

    /// Sends the rest of a frame.
    pub(super) async fn send_rest(&mut self, bytes: &[u8]) -> ClientResult<()> {
        self.queue(bytes);
        self.is_within_frame = false;
        self.out.append(&mut self.pongs);
        self.flush().await
    }

    async fn flush(&mut self) -> ClientResult<()> {
        within("the server takes bytes", async {
            while !self.out.is_empty() {
                self.write().await?;
            }
            Ok(())
        })
        .await?
        .map_err(|error: io::Error| format!("sending: {error}"))
    }

    async fn write(&mut self) -> io::Result<()> {
        let written = match &mut self.transport {
            ClientTransport::Tcp(stream) => stream.write(&self.out).await?,
            ClientTransport::Http2(stream) => stream.write(&self.out).await?,
        };
        self.out.drain(..written);
        Ok(())
    }

    /// Reads once, at most `max` bytes, and returns false at the end.
    pub(super) async fn read(&mut self, max: usize) -> io::Result<bool> {
        let n = match &mut self.transport {
            ClientTransport::Tcp(stream) => {
                let (mut reading, mut writing) = stream.split();
                let mut reading = (&mut reading).take(max as u64);
                tokio::select! {
                    written = writing.write(&self.out), if !self.out.is_empty() => {
                        self.out.drain(..written?);
                        return Ok(true);
                    }
                    () = pongs_are_due(), if !self.pongs.is_empty() && !self.is_within_frame => {
                        self.out.append(&mut self.pongs);
                        return Ok(true);
                    }
                    read = reading.read_buf(&mut self.received) => read?,
                }
            }
            ClientTransport::Http2(stream) => {
                if !self.is_within_frame {
                    self.out.append(&mut self.pongs);
                }
                while !self.out.is_empty() {
                    let written = stream.write(&self.out).await?;
                    self.out.drain(..written);
                }
                stream.read(&mut self.received).await?
            }
        };
        Ok(n > 0)
    }

    /// Returns the next frame that is complete and not a ping.
    pub(super) fn parsed(&mut self) -> Option<Frame> {
        loop {
            let (got, size) = Frame::parse(&self.received)?;
            self.received.drain(..size);
            if self.received.is_empty() {
                // Thousands of clients are idle most of the time: they keep no buffer.
                self.received = Vec::new();
            }
            if got.opcode != PING {
                return Some(got);
            }
            let is_delayed = self.is_within_frame || *DELAYED_PONGS.borrow();
            let answer = if is_delayed { &mut self.pongs } else { &mut self.out };
            answer.extend_from_slice(&frame(PONG, &got.payload));
        }
    }

    /// Returns the next frame that is not a ping, or `None` at the end. Cancel-safe.
    pub(super) async fn frame(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.parsed() {
                return Ok(Some(frame));
            }
            if !self.read(64 << 10).await? {
                return Ok(None);
            }
        }
    }

    /// Expects another frame.
    pub(super) async fn expect(&mut self) -> ClientResult<Frame> {
        let frame = within("a frame", self.frame()).await?.map_err(|error| format!("no frame: {error}"))?;
        frame.ok_or_else(|| "the end instead of a frame".into())
    }

    /// Expects a close frame with this code, and nothing before it.
    pub(super) async fn expect_close(&mut self, code: u16) -> ClientResult<()> {
        let frame = self.expect().await?;
        if frame.code() == Some(code) { Ok(()) } else { Err(format!("{frame:?} instead of {code}")) }
    }

    /// Expects the end of the transport, and nothing before it.
    pub(super) async fn expect_end(&mut self) -> ClientResult<()> {
        match within("the end", self.frame()).await? {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?} instead of the end")),
        }
    }

    /// Closes, and expects the server's answer and the end.
    pub(super) async fn close(mut self, code: u16) -> ClientResult<()> {
        self.send(&close(code)).await?;
        self.expect_close(code).await?;
        self.expect_end().await
    }

    /// Resets the connection.
    pub(super) fn reset(self) {
        match self.transport {
            ClientTransport::Tcp(stream) => stream.set_zero_linger().unwrap(),
            ClientTransport::Http2(stream) => stream.reset(),
        }
    }
}
