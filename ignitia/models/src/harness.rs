//! Connections over a transport in memory, run by the scheduler of the models.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
};

use axum_core::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::service::TowerToHyperService;

use crate::{
    Shutdown, WebSocketConnection,
    connection::{
        ConnectionEvents, ConnectionTask, Pipe, RunningHandler, Served, Shared, Transport, WebSocketConfig,
    },
};

/// The other end of a connection.
#[derive(Debug)]
pub struct Peer {
    pipe: Arc<Pipe>,
    received: Vec<u8>,
}

/// A frame of the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text message.
    Text(String),
    /// A close frame, and its code.
    Close(Option<u16>),
    /// The beginning of a frame, and no more.
    StreamReset,
}

impl Peer {
    /// Asks for a WebSocket; the status of the answer.
    pub async fn open(&mut self, path: &str) -> u16 {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.pipe.send(request.as_bytes());
        loop {
            if let Some(end) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head: Vec<u8> = self.received.drain(..end + 4).collect();
                let head = String::from_utf8(head).expect("a head is text");
                return head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
            }
            let more = poll_fn(|cx| self.pipe.poll_recv(cx)).await;
            assert!(!more.is_empty(), "an answer breaks off: {:?}", self.received);
            self.received.extend(more);
        }
    }

    /// Sends a text message of up to 125 bytes.
    pub fn send(&self, text: &str) {
        self.frame(0x81, text.as_bytes());
    }

    /// Sends a close frame.
    pub fn close(&self) {
        self.frame(0x88, &1000_u16.to_be_bytes());
    }

    /// Ends its direction of the transport.
    pub fn finish(&self) {
        self.pipe.finish();
    }

    fn frame(&self, first: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).expect("models send short messages");
        let head = [first, 0x80 | length, 0, 0, 0, 0];
        self.pipe.send(&[&head, payload].concat());
    }

    /// The next frame; `None` at the end. Its close frame is answered, as a peer's should be.
    pub async fn recv(&mut self) -> Option<Frame> {
        loop {
            if let [first, length, begin_idle @ ..] = &self.received[..]
                && let Some((payload, behind)) = begin_idle.split_at_checked(usize::from(*length))
            {
                let frame = match first {
                    0x81 => Frame::Text(String::from_utf8(payload.to_vec()).expect("text")),
                    0x88 => Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
                    other => panic!("a frame that begins with {other:x}"),
                };
                self.received = behind.to_vec();
                return Some(frame);
            }
            let more = poll_fn(|cx| self.pipe.poll_recv(cx)).await;
            if more.is_empty() {
                let cut = !std::mem::take(&mut self.received).is_empty();
                return cut.then_some(Frame::StreamReset);
            }
            self.received.extend(more);
        }
    }

    /// Everything up to the end; answers the server's close frame.
    pub async fn recv_all(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.recv().await {
            if matches!(frame, Frame::Close(_)) {
                self.close();
                self.finish();
            }
            frames.push(frame);
        }
        frames
    }
}

/// What runs a connection and its handler.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An open connection: its peer, a handle, and the task that runs it and its handler.
pub fn connect<H, F, R>(
    config: WebSocketConfig,
    shutdown: &Shutdown,
    handler: H,
) -> (Peer, WebSocketConnection, Task)
where
    H: FnOnce(WebSocketConnection) -> F,
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    let shared = Arc::new(Shared::new(Arc::new(config), None, ConnectionEvents::default()));
    let handle = WebSocketConnection::new(shared.clone());
    let handler = handler(handle.clone());
    let session =
        RunningHandler::new(Box::pin(async move { IntoResponse::into_response(handler.await) as Response }));
    let pipe = Arc::new(Pipe::default());
    let task = ConnectionTask::over(Transport::over(pipe.clone()), shared, session, shutdown.watch());
    (Peer { pipe, received: Vec::new() }, handle, Box::pin(task))
}

/// A connection of HTTP/1.1 to these routes: its client, and the task that serves it.
pub fn serve(routes: axum::Router) -> (Peer, Task) {
    let pipe = Arc::new(Pipe::default());
    let served = Served(Transport::over(pipe.clone()));
    let connection =
        http1::Builder::new().serve_connection(served, TowerToHyperService::new(routes)).with_upgrades();
    let task = async move {
        // A client that leaves early is an error too.
        let _ = connection.await;
    };
    (Peer { pipe, received: Vec::new() }, Box::pin(task))
}

/// The time that its peer has for a burst has run out.
pub fn fall_behind(connection: &WebSocketConnection) {
    connection.shared().fall_behind();
}
