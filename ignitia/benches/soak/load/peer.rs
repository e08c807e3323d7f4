use std::{io, net::SocketAddr, sync::LazyLock, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::watch,
};

use super::{
    Outcome,
    frames::{Frame, PING, PONG, close, frame},
    streams::Stream,
};

/// How long anything that has to happen may take, a freeze included.
const PATIENCE: Duration = Duration::from_secs(60);

/// While it is on, pings are not answered yet: a server that is frozen then is owed thousands of pongs, which come while it
/// stands still.
pub(super) static PONGS_ARE_HELD: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// Waits for something that has to happen.
pub(super) async fn within<T>(what: &str, future: impl Future<Output = T>) -> Outcome<T> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| format!("{what}: nothing for {PATIENCE:?}"))
}

/// A client's end of a WebSocket. It answers pings while it is read.
pub(super) struct Peer {
    transport: Transport,
    received: Vec<u8>,
    /// Bytes that wait to be written.
    out: Vec<u8>,
    /// Half a frame is out: pongs have to wait for the other half.
    is_within_frame: bool,
    pongs: Vec<u8>,
}

pub(super) enum Transport {
    Tcp(TcpStream),
    Http2(Stream),
}

/// A connection that has sent nothing. `buffer` is what it takes before it is read.
pub(super) async fn tcp(addr: SocketAddr, buffer: Option<u32>) -> Outcome<TcpStream> {
    let socket = TcpSocket::new_v4().map_err(|error| format!("a socket: {error}"))?;
    if let Some(size) = buffer {
        socket.set_recv_buffer_size(size).unwrap();
    }
    let stream = within("a connection", socket.connect(addr)).await?;
    let stream = stream.map_err(|error| format!("a connection: {error}"))?;
    stream.set_nodelay(true).unwrap();
    Ok(stream)
}

pub(super) fn request(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

async fn pongs_are_due() {
    let mut held = PONGS_ARE_HELD.subscribe();
    held.wait_for(|held| !held).await.ok();
}

impl Peer {
    pub(super) async fn open(addr: SocketAddr, path: &str) -> Outcome<Self> {
        Self::over(tcp(addr, None).await?, path).await
    }

    pub(super) async fn over(mut stream: TcpStream, path: &str) -> Outcome<Self> {
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
        let mut peer = Self::new(Transport::Tcp(stream));
        peer.received = received;
        Ok(peer)
    }

    pub(super) fn new(transport: Transport) -> Self {
        let (received, out, pongs) = (Vec::new(), Vec::new(), Vec::new());
        Self { transport, received, out, is_within_frame: false, pongs }
    }

    /// Queues whole frames: they are written while frames are read.
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.queue(bytes);
        self.flush().await
    }

    /// Sends a part of a frame, of which there is more to come.
    pub(super) async fn send_part(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.flush().await?;
        self.is_within_frame = true;
        self.send(bytes).await
    }

    /// Sends the rest of it.
    pub(super) async fn send_rest(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.queue(bytes);
        self.is_within_frame = false;
        self.out.append(&mut self.pongs);
        self.flush().await
    }

    async fn flush(&mut self) -> Outcome<()> {
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
            Transport::Tcp(stream) => stream.write(&self.out).await?,
            Transport::Http2(stream) => stream.write(&self.out).await?,
        };
        self.out.drain(..written);
        Ok(())
    }

    /// Reads once, at most so many bytes; `false` at the end.
    pub(super) async fn read(&mut self, most: usize) -> io::Result<bool> {
        let n = match &mut self.transport {
            Transport::Tcp(stream) => {
                let (mut reading, mut writing) = stream.split();
                let mut reading = (&mut reading).take(most as u64);
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
            Transport::Http2(stream) => {
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

    /// The next frame that has been read, and is no ping.
    pub(super) fn parsed(&mut self) -> Option<Frame> {
        loop {
            let (got, size) = Frame::parse(&self.received)?;
            self.received.drain(..size);
            if self.received.is_empty() {
                // Thousands of them are quiet most of the time.
                self.received = Vec::new();
            }
            if got.opcode != PING {
                return Some(got);
            }
            let is_held = self.is_within_frame || *PONGS_ARE_HELD.borrow();
            let answer = if is_held { &mut self.pongs } else { &mut self.out };
            answer.extend_from_slice(&frame(PONG, &got.payload));
        }
    }

    /// The next frame, pings aside; `None` at the end. Cancel-safe.
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

    /// The next frame, which has to be there.
    pub(super) async fn expect(&mut self) -> Outcome<Frame> {
        let frame = within("a frame", self.frame()).await?.map_err(|error| format!("no frame: {error}"))?;
        frame.ok_or_else(|| "the end instead of a frame".into())
    }

    /// Expects a close frame with this code, and nothing before it.
    pub(super) async fn expect_close(&mut self, code: u16) -> Outcome<()> {
        let frame = self.expect().await?;
        if frame.code() == Some(code) { Ok(()) } else { Err(format!("{frame:?} instead of {code}")) }
    }

    /// Expects the end of the transport, and nothing before it.
    pub(super) async fn expect_end(&mut self) -> Outcome<()> {
        match within("the end", self.frame()).await? {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?} instead of the end")),
        }
    }

    /// Closes, and sees the server's answer and the end.
    pub(super) async fn close(mut self, code: u16) -> Outcome<()> {
        self.send(&close(code)).await?;
        self.expect_close(code).await?;
        self.expect_end().await
    }

    /// Cuts the connection off.
    pub(super) fn reset(self) {
        match self.transport {
            Transport::Tcp(stream) => stream.set_zero_linger().unwrap(),
            Transport::Http2(stream) => stream.reset(),
        }
    }
}
