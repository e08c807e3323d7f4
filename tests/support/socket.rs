//! A connection, byte by byte.

use std::{io, time::Duration};

use bytes::BufMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use super::{
    frame::{Frame, TEXT},
    http2::Http2Stream,
    request::{Head, Request},
    wait::within,
};

/// End of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The server has closed it, and all its bytes have arrived.
    Eof,
    /// TCP has ended without a close_notify of TLS.
    Truncated,
    /// The server has reset it.
    Reset,
}

/// Most bytes of one read.
const MAX_READ: usize = 64 << 10;

/// The client's end of a connection. It reads only on demand.
#[derive(Debug)]
pub(crate) struct RawSocket {
    stream: Stream,
    /// Bytes that were read and not consumed.
    received: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Http2(Box<Http2Stream>),
    Pipe(DuplexStream),
}

impl From<TcpStream> for RawSocket {
    fn from(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), received: Vec::new() }
    }
}

impl From<TlsStream<TcpStream>> for RawSocket {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), received: Vec::new() }
    }
}

impl From<Http2Stream> for RawSocket {
    fn from(stream: Http2Stream) -> Self {
        Self { stream: Stream::Http2(Box::new(stream)), received: Vec::new() }
    }
}

impl From<DuplexStream> for RawSocket {
    fn from(stream: DuplexStream) -> Self {
        Self { stream: Stream::Pipe(stream), received: Vec::new() }
    }
}

impl RawSocket {
    /// Sends bytes in one piece.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        within("the server takes bytes", self.try_send(bytes)).await.unwrap();
    }

    /// Sends bytes in one piece, without a deadline; fails if the server has ended the connection.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.write_all(bytes).await,
            Stream::Pipe(stream) => stream.write_all(bytes).await,
            Stream::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
            Stream::Http2(stream) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    rest = &rest[stream.write(rest).await?..];
                }
                Ok(())
            }
        }
    }

    /// Sends bytes until the server takes no more; returns the number of bytes sent.
    pub(crate) async fn send_until_stuck(&mut self, bytes: &[u8]) -> usize {
        let mut sent = 0;
        while sent < bytes.len() {
            let write = async {
                match &mut self.stream {
                    Stream::Plain(stream) => stream.write(&bytes[sent..]).await,
                    Stream::Pipe(stream) => stream.write(&bytes[sent..]).await,
                    Stream::Tls(stream) => stream.write(&bytes[sent..]).await,
                    Stream::Http2(stream) => stream.write(&bytes[sent..]).await,
                }
            };
            // The server runs on this thread: it has been polled many times before the timer fires.
            match timeout(Duration::from_secs(1), write).await {
                Ok(written) => sent += written.unwrap(),
                Err(_) => break,
            }
        }
        sent
    }

    /// Sends bytes one by one, until the server ends the connection.
    pub(crate) async fn trickle(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if within("the server takes a byte", self.try_send(&[*byte])).await.is_err() {
                return;
            }
            // The server runs on this thread: it reads the byte before the next one is sent.
            tokio::task::yield_now().await;
        }
    }

    /// Sends a request.
    pub(crate) async fn request(&mut self, request: &Request) {
        match &mut self.stream {
            Stream::Http2(stream) => stream.request(request).await,
            _ => self.send(&request.to_bytes()).await,
        }
    }

    /// Sends a request and reads the head of the answer.
    pub(crate) async fn ask(&mut self, request: &Request) -> Head {
        self.request(request).await;
        self.head().await
    }

    /// Returns another stream of the same HTTP/2 connection.
    pub(crate) fn sibling(&self) -> Self {
        match &self.stream {
            Stream::Http2(stream) => stream.sibling().into(),
            _ => panic!("HTTP/1.1 has one stream for each connection"),
        }
    }

    /// Upgrades to a WebSocket.
    pub(crate) async fn upgrade(&mut self, path: &str) {
        let head = self.ask(&Request::upgrade(path)).await;
        assert_eq!(head.status, 101, "{path}: {head:?}");
    }

    /// Reads the head of an answer.
    pub(crate) async fn head(&mut self) -> Head {
        if let Stream::Http2(stream) = &mut self.stream {
            return stream.head().await;
        }
        loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = Head::parse(&self.received[..end]);
                self.received.drain(..end + 4);
                return head;
            }
            self.more("the head of an answer").await;
        }
    }

    /// Reads the body of an answer: by its `Content-Length`, or over HTTP/2 to its end.
    pub(crate) async fn body(&mut self, head: &Head) -> String {
        if matches!(self.stream, Stream::Http2(_)) {
            while within("the body of an answer", self.read()).await.is_ok() {}
            return String::from_utf8(std::mem::take(&mut self.received)).unwrap();
        }
        let length: usize = head.get("content-length").expect("a length").parse().unwrap();
        while self.received.len() < length {
            self.more("the body of an answer").await;
        }
        String::from_utf8(self.received.drain(..length).collect()).unwrap()
    }

    /// Reads the next frame of a connection without compression.
    pub(crate) async fn frame(&mut self) -> Frame {
        let frame = self.any_frame().await;
        assert!(!frame.is_compressed, "a reserved bit is set");
        frame
    }

    /// Reads the next frame, compressed or not.
    pub(crate) async fn any_frame(&mut self) -> Frame {
        loop {
            if let Some((frame, size)) = Frame::parse(&self.received) {
                self.received.drain(..size);
                return frame;
            }
            self.more("a frame").await;
        }
    }

    /// Expects these bytes next.
    pub(crate) async fn expect_bytes(&mut self, bytes: &[u8]) {
        while self.received.len() < bytes.len() {
            self.more("bytes").await;
        }
        let n = bytes.iter().zip(&self.received).position(|(expected, found)| expected != found);
        assert_eq!(n, None, "this byte is another one");
        self.received.drain(..bytes.len());
    }

    /// Expects a frame with this text next.
    pub(crate) async fn expect_text(&mut self, text: &str) {
        assert_eq!(self.frame().await, Frame::whole(TEXT, text));
    }

    /// Expects a close frame with this code next, and returns its reason; 1005 stands for no code.
    pub(crate) async fn expect_close(&mut self, code: u16) -> String {
        let (found, reason) = self.frame().await.close_code();
        assert_eq!(found, code, "close code, with the reason {reason:?}");
        reason
    }

    /// Reads to the end, and expects no bytes before it.
    pub(crate) async fn end(&mut self) -> End {
        let end = within("the end of the connection", self.read()).await;
        let left = String::from_utf8_lossy(&self.received);
        assert!(self.received.is_empty(), "these bytes came instead of the end: {left:?}");
        end.expect_err("there are no bytes, and no end")
    }

    /// Reads to the end, and drops the bytes before it.
    pub(crate) async fn drain(&mut self) -> End {
        loop {
            self.received.clear();
            if let Err(end) = self.read().await {
                return end;
            }
        }
    }

    /// Ends our direction of the connection only.
    pub(crate) async fn shut_down_write(&mut self) {
        self.try_shut_down_write().await.unwrap();
    }

    /// The same, if the server has not ended both directions.
    pub(crate) async fn try_shut_down_write(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => stream.shutdown().await,
            Stream::Pipe(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
            Stream::Http2(stream) => stream.shut_down_write(),
        }
    }

    /// Resets the connection, as a crash does.
    pub(crate) fn reset(mut self) {
        let tcp = match &mut self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
            Stream::Http2(stream) => return stream.reset(),
            Stream::Pipe(_) => return,
        };
        tcp.set_zero_linger().unwrap();
    }

    async fn more(&mut self, what: &str) {
        if let Err(end) = within(what, self.read()).await {
            panic!("{end:?} instead of {what}; {} bytes came before it", self.received.len());
        }
    }

    /// Releases the memory of bytes that were consumed.
    pub(crate) fn shrink(&mut self) {
        self.received.shrink_to_fit();
    }

    /// Reads once.
    async fn read(&mut self) -> Result<(), End> {
        // Each frame that is consumed moves what is behind it.
        let mut received = (&mut self.received).limit(MAX_READ);
        let read = match &mut self.stream {
            Stream::Plain(stream) => stream.read_buf(&mut received).await,
            Stream::Pipe(stream) => stream.read_buf(&mut received).await,
            Stream::Tls(stream) => stream.read_buf(&mut received).await,
            Stream::Http2(stream) => stream.read(&mut self.received).await,
        };
        match read {
            Ok(0) => Err(End::Eof),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Err(End::Reset),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(End::Truncated),
            Err(error) => panic!("reading failed: {error}"),
        }
    }
}
