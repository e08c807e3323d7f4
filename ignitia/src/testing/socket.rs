use std::{fmt, io, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::HeaderMap;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, error::Elapsed, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, protocol::Role},
};

use super::{box_future::BoxFuture, pipe::PipeReset};
use crate::{close::CloseFrame, message::Message};

/// Client's end of a WebSocket.
///
/// It reads only while the test receives: a test that does not receive is a peer that has stopped
/// reading. It answers pings while it receives.
pub struct TestSocket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    headers: HeaderMap,
    reset: PipeReset,
    deadline: Duration,
}

impl TestSocket {
    pub(super) async fn new(
        upgraded: Upgraded,
        headers: HeaderMap,
        reset: PipeReset,
        deadline: Duration,
    ) -> Self {
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        Self { stream, headers, reset, deadline }
    }

    /// Returns the headers of the 101.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the subprotocol that the server selected.
    pub fn subprotocol(&self) -> Option<&str> {
        self.headers.get("sec-websocket-protocol").and_then(|value| value.to_str().ok())
    }

    /// Sets another deadline for all expectations from here on.
    pub fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// Sends a message.
    ///
    /// # Panics
    ///
    /// If the connection does not accept it.
    pub async fn send(&mut self, message: Message) {
        self.try_send(message).await.expect("the connection does not accept a message");
    }

    /// Sends a message, unless the connection is gone.
    ///
    /// # Errors
    ///
    /// Returns the error of the transport.
    ///
    /// # Panics
    ///
    /// If the server does not read it within the deadline.
    pub async fn try_send(&mut self, message: Message) -> io::Result<()> {
        let sent = timeout(self.deadline, self.stream.send(to_tungstenite(message))).await;
        match sent.expect("the server has stopped reading") {
            Err(tungstenite::Error::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
            Ok(()) => Ok(()),
        }
    }

    /// Sends a text.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    pub fn send_text(&mut self, text: impl Into<String>) -> BoxFuture<'_> {
        Box::pin(self.send(Message::Text(text.into())))
    }

    /// Sends bytes.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    pub fn send_binary(&mut self, bytes: impl Into<Bytes>) -> BoxFuture<'_> {
        Box::pin(self.send(Message::Binary(bytes.into())))
    }

    /// Sends a value as JSON in a text.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send), and if JSON cannot express the value.
    pub fn send_json<T: Serialize + ?Sized>(&mut self, value: &T) -> BoxFuture<'_> {
        self.send_text(serde_json::to_string(value).expect("a value that JSON can express"))
    }

    /// Sends a close frame. The connection stays open until the server answers it: see
    /// [`expect_close`](Self::expect_close).
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    pub async fn close(&mut self, code: u16, reason: &str) {
        self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }

    /// Returns the next message of any kind; `None` if the transport has ended. Answers a ping or a
    /// close frame.
    ///
    /// Close code 1014 is received as 1002: the protocol library of this client does not know it.
    ///
    /// # Panics
    ///
    /// If nothing comes within the deadline.
    pub async fn recv(&mut self) -> Option<Message> {
        let next = self.next(self.deadline).await;
        next.unwrap_or_else(|_| panic!("no message within {:?}", self.deadline))
    }

    /// Returns the next message, of any kind, that fits, and skips those before it.
    ///
    /// # Panics
    ///
    /// If the transport ends before such a message, or none comes within the deadline, which is for
    /// all messages together. The panic lists the messages that came instead.
    pub async fn recv_until(&mut self, mut fits: impl FnMut(&Message) -> bool) -> Message {
        let start = Instant::now();
        let mut skipped = Vec::new();
        loop {
            match self.next(self.deadline.saturating_sub(start.elapsed())).await {
                Ok(Some(message)) if fits(&message) => return message,
                Ok(Some(message)) => skipped.push(message),
                Ok(None) => panic!("the transport ended; no message matches; skipped: {skipped:?}"),
                Err(_) => panic!("within {:?} no message matches; skipped: {skipped:?}", self.deadline),
            }
        }
    }

    /// Returns the next text, and skips pings and pongs.
    ///
    /// # Panics
    ///
    /// If another message comes, or none within the deadline.
    pub async fn recv_text(&mut self) -> String {
        match self.recv_data().await {
            Some(Message::Text(text)) => text,
            other => panic!("expected a text, got {other:?}"),
        }
    }

    /// Returns the next binary message, and skips pings and pongs.
    ///
    /// # Panics
    ///
    /// If another message comes, or none within the deadline.
    pub async fn recv_binary(&mut self) -> Bytes {
        match self.recv_data().await {
            Some(Message::Binary(bytes)) => bytes,
            other => panic!("expected a binary message, got {other:?}"),
        }
    }

    /// Returns the next text, decoded from JSON, and skips pings and pongs.
    ///
    /// # Panics
    ///
    /// If another message comes, or none within the deadline.
    pub fn recv_json<'a, T: DeserializeOwned + 'a>(&'a mut self) -> BoxFuture<'a, T> {
        Box::pin(async {
            let text = self.recv_text().await;
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}"))
        })
    }

    /// Expects the server's close frame next, with this code, and answers it. 1005 stands for a
    /// close frame without a code.
    ///
    /// # Panics
    ///
    /// If another message comes, or none within the deadline.
    pub async fn expect_close(&mut self, code: u16) -> CloseFrame {
        let frame = match self.recv_data().await {
            Some(Message::Close(frame)) => frame.unwrap_or(CloseFrame { code: 1005, reason: String::new() }),
            other => panic!("expected a close frame with {code}, got {other:?}"),
        };
        assert_eq!(frame.code, code, "close code, with the reason {:?}", frame.reason);
        frame
    }

    /// Expects the transport to end without another message.
    ///
    /// # Panics
    ///
    /// If a message comes, or no end within the deadline.
    pub async fn expect_end(&mut self) {
        let next = self.recv_data().await;
        assert_eq!(next, None, "expected the end of the transport");
    }

    /// Writes these bytes to the transport as they are, such as half a frame or a malformed one.
    ///
    /// # Panics
    ///
    /// If the transport does not accept them within the deadline.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let transport = self.stream.get_mut();
        let written = timeout(self.deadline, async {
            transport.write_all(bytes).await?;
            transport.flush().await
        });
        written.await.expect("the server has stopped reading").expect("the transport accepts bytes");
    }

    /// Closes the sending side of the transport, without a close frame, and goes on reading: the
    /// connection is half-closed.
    ///
    /// # Panics
    ///
    /// If the transport is gone.
    pub async fn half_close(&mut self) {
        self.stream.get_mut().shutdown().await.expect("the transport can be shut down");
    }

    /// Resets the transport: the server's next read or write fails.
    pub fn reset(self) {
        self.reset.set();
    }

    /// Returns the next message, if it comes within this time.
    async fn next(&mut self, limit: Duration) -> Result<Option<Message>, Elapsed> {
        let next = timeout(limit, self.stream.next()).await?;
        let message = next.and_then(Result::ok).map(from_tungstenite);
        if message.as_ref().is_some_and(|message| !message.is_data()) {
            // Sends the answer, which is queued, unless the server has stopped reading or is gone.
            let _ = timeout(self.deadline, self.stream.flush()).await;
        }
        Ok(message)
    }

    async fn recv_data(&mut self) -> Option<Message> {
        loop {
            match self.recv().await {
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => return other,
            }
        }
    }
}

impl fmt::Debug for TestSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestSocket").field("headers", &self.headers).finish_non_exhaustive()
    }
}

fn to_tungstenite(message: Message) -> tungstenite::Message {
    match message {
        Message::Text(text) => tungstenite::Message::Text(text.into()),
        Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
        Message::Ping(bytes) => tungstenite::Message::Ping(bytes),
        Message::Pong(bytes) => tungstenite::Message::Pong(bytes),
        Message::Close(frame) => tungstenite::Message::Close(frame.map(|frame| {
            tungstenite::protocol::CloseFrame { code: frame.code.into(), reason: frame.reason.into() }
        })),
    }
}

fn from_tungstenite(message: tungstenite::Message) -> Message {
    match message {
        tungstenite::Message::Text(text) => Message::Text(text.as_str().to_owned()),
        tungstenite::Message::Binary(bytes) => Message::Binary(bytes),
        tungstenite::Message::Ping(bytes) => Message::Ping(bytes),
        tungstenite::Message::Pong(bytes) => Message::Pong(bytes),
        tungstenite::Message::Close(frame) => {
            Message::Close(frame.map(|frame| CloseFrame {
                code: frame.code.into(),
                reason: frame.reason.as_str().to_owned(),
            }))
        }
        tungstenite::Message::Frame(_) => unreachable!("tungstenite never hands out raw frames"),
    }
}
