//! One stream of an HTTP/2 connection that carries a WebSocket, in place of a TCP connection.

use std::{future::poll_fn, io};

use bytes::Bytes;
use h2::{
    Reason, RecvStream, SendStream,
    client::{self, ResponseFuture, SendRequest},
    ext::Protocol,
};
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    request::{Head, Request},
    wait::within,
};

/// A stream, and its connection, which may carry others.
#[derive(Debug)]
pub(crate) struct Http2Stream {
    connection: SendRequest<Bytes>,
    sending: Option<SendStream<Bytes>>,
    answer: Option<ResponseFuture>,
    receiving: Option<RecvStream>,
}

impl Http2Stream {
    /// Opens a connection; `window` is the number of bytes that the server may send before they are
    /// read.
    pub(crate) async fn connect(
        io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        window: Option<u32>,
    ) -> Self {
        let mut builder = client::Builder::new();
        if let Some(window) = window {
            builder.initial_window_size(window);
        }
        let (connection, driver) = within("the preface", builder.handshake(io)).await.unwrap();
        tokio::spawn(driver);
        // The settings of the server allow the extended CONNECT.
        let connection = within("the server's settings", async {
            while !connection.is_extended_connect_protocol_enabled() {
                tokio::task::yield_now().await;
            }
            connection
        })
        .await;
        Self::on(connection)
    }

    /// Returns another stream of the same connection.
    pub(crate) fn sibling(&self) -> Self {
        Self::on(self.connection.clone())
    }

    fn on(connection: SendRequest<Bytes>) -> Self {
        Self { connection, sending: None, answer: None, receiving: None }
    }

    /// Sends a request: an upgrade as an extended CONNECT, whose stream stays open.
    pub(super) async fn request(&mut self, request: &Request) {
        let (request, is_connect) = extended_connect(request);
        poll_fn(|cx| self.connection.poll_ready(cx)).await.unwrap();
        let (answer, sending) = self.connection.send_request(request, !is_connect).unwrap();
        self.answer = Some(answer);
        self.sending = Some(sending);
    }

    /// Returns the head of the answer as HTTP/1.1 would have it: a WebSocket that opens begins with
    /// a 101.
    pub(super) async fn head(&mut self) -> Head {
        let answer = self.answer.take().expect("there was a request");
        let (parts, receiving) = within("the head of an answer", answer).await.unwrap().into_parts();
        self.receiving = Some(receiving);
        let headers = parts.headers.iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let status = parts.status.as_u16();
        Head { status: if status == 200 { 101 } else { status }, headers }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sending = self.sending.as_mut().expect("there was a request");
        sending.reserve_capacity(bytes.len());
        while sending.capacity() == 0 && !bytes.is_empty() {
            match poll_fn(|cx| sending.poll_capacity(cx)).await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        let n = sending.capacity().min(bytes.len());
        sending.send_data(Bytes::copy_from_slice(&bytes[..n]), false).map_err(io::Error::other)?;
        Ok(n)
    }

    /// Reads the next bytes; returns 0 at the end.
    pub(super) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        if self.receiving.is_none() {
            self.head().await;
        }
        let receiving = self.receiving.as_mut().expect("there was an answer");
        match receiving.data().await {
            None => Ok(0),
            Some(Ok(bytes)) if bytes.is_empty() => Ok(0),
            Some(Ok(bytes)) => {
                receiving.flow_control().release_capacity(bytes.len()).unwrap();
                into.extend_from_slice(&bytes);
                Ok(bytes.len())
            }
            Some(Err(error)) if error.is_reset() || error.is_io() => {
                Err(io::Error::new(io::ErrorKind::ConnectionReset, error))
            }
            Some(Err(error)) => Err(io::Error::other(error)),
        }
    }

    pub(super) fn shut_down_write(&mut self) -> io::Result<()> {
        let sending = self.sending.as_mut().expect("there was a request");
        sending.send_data(Bytes::new(), true).map_err(io::Error::other)
    }

    pub(super) fn reset(&mut self) {
        self.sending.as_mut().expect("there was a request").send_reset(Reason::CANCEL);
    }
}

/// Returns the same request over HTTP/2; true if it asks for a WebSocket.
fn extended_connect(request: &Request) -> (http::Request<()>, bool) {
    let mut line = request.line.split(' ');
    let (method, path) = (line.next().unwrap(), line.next().unwrap());
    let is_connect = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("upgrade"));
    let header = |wanted: &str| {
        let mut headers = request.headers.iter();
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| &**value)
    };
    let uri = format!("http://{}{path}", header("host").unwrap_or("localhost"));
    let mut converted = http::Request::builder().method(if is_connect { "CONNECT" } else { method }).uri(uri);
    for (name, value) in &request.headers {
        let of_http_1 =
            ["host", "connection", "upgrade"].iter().any(|other| name.eq_ignore_ascii_case(other));
        let is_key = name.eq_ignore_ascii_case("sec-websocket-key");
        if !of_http_1 && (!is_key || request.has_key_over_http2) {
            converted = converted.header(name, value);
        }
    }
    if is_connect {
        converted = converted.extension(Protocol::from(header("upgrade").expect("an upgrade has one")));
    }
    (converted.body(()).unwrap(), is_connect)
}
