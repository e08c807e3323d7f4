//! Connections over a transport in memory, for the models.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::Poll,
};

use axum_core::response::{IntoResponse, Response};
use hyper::server::conn::http1;
use hyper_util::service::TowerToHyperService;

use crate::{
    Shutdown, WebSocketConnection,
    connection::{
        ConnectionRecorder, ConnectionTask, Pipe, RunningHandler, Served, Shared, Transport, WebSocketConfig,
    },
    shutdown::ShutdownPhase,
};

/// Peer of a connection.
#[derive(Debug)]
pub struct ModelPeer {
    pipe: Arc<Pipe>,
    received: Vec<u8>,
}

/// A frame from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerFrame {
    /// A text message.
    Text(String),
    /// A close frame, with its code.
    Close(Option<u16>),
    /// An incomplete frame at the end.
    Truncated,
}

impl ModelPeer {
    /// Requests a WebSocket, and returns the status.
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
            assert!(!more.is_empty(), "an incomplete response: {:?}", self.received);
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

    /// Shuts down its direction of the transport.
    pub fn finish(&self) {
        self.pipe.finish();
    }

    fn frame(&self, first: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).expect("models send short messages");
        let head = [first, 0x80 | length, 0, 0, 0, 0];
        self.pipe.send(&[&head, payload].concat());
    }

    /// Returns the next frame, or `None` at the end.
    pub async fn recv(&mut self) -> Option<PeerFrame> {
        loop {
            if let [first, length, rest @ ..] = &self.received[..]
                && let Some((payload, behind)) = rest.split_at_checked(usize::from(*length))
            {
                let frame = match first {
                    0x81 => PeerFrame::Text(String::from_utf8(payload.to_vec()).expect("text")),
                    0x88 => PeerFrame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
                    other => panic!("a frame that begins with {other:x}"),
                };
                self.received = behind.to_vec();
                return Some(frame);
            }
            let more = poll_fn(|cx| self.pipe.poll_recv(cx)).await;
            if more.is_empty() {
                let is_truncated = !std::mem::take(&mut self.received).is_empty();
                return is_truncated.then_some(PeerFrame::Truncated);
            }
            self.received.extend(more);
        }
    }

    /// Returns all frames up to the end. Answers the server's close frame.
    pub async fn recv_all(&mut self) -> Vec<PeerFrame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.recv().await {
            if matches!(frame, PeerFrame::Close(_)) {
                self.close();
                self.finish();
            }
            frames.push(frame);
        }
        frames
    }
}

/// Future that runs a connection and its handler.
pub type BoxedTask = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Opens a connection. Returns its peer, a handle, and the future that runs it and its handler.
pub fn connect<H, F, R>(
    config: WebSocketConfig,
    shutdown: &Shutdown,
    handler: H,
) -> (ModelPeer, WebSocketConnection, BoxedTask)
where
    H: FnOnce(WebSocketConnection) -> F,
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse,
{
    let shared = Arc::new(Shared::new(Arc::new(config), None, None, ConnectionRecorder::default()));
    let handle = WebSocketConnection::new(shared.clone());
    let handler = handler(handle.clone());
    let session =
        RunningHandler::new(Box::pin(async move { IntoResponse::into_response(handler.await) as Response }));
    let pipe = Arc::new(Pipe::default());
    let task = ConnectionTask::over(Transport::over(pipe.clone()), shared, session, shutdown.watch());
    (ModelPeer { pipe, received: Vec::new() }, handle, Box::pin(task))
}

/// Opens an HTTP/1.1 connection to these routes. Returns its client, and the future that serves it.
pub fn serve(routes: axum::Router) -> (ModelPeer, BoxedTask) {
    let pipe = Arc::new(Pipe::default());
    let served = Served(Transport::over(pipe.clone()));
    let connection =
        http1::Builder::new().serve_connection(served, TowerToHyperService::new(routes)).with_upgrades();
    let task = async move {
        // An early disconnection of the client is an error, too.
        let _ = connection.await;
    };
    (ModelPeer { pipe, received: Vec::new() }, Box::pin(task))
}

/// Watches a shutdown as a connection does, until its abort.
pub async fn watch_until_abort(shutdown: &Shutdown) {
    let mut watch = shutdown.watch();
    poll_fn(|cx| match watch.poll(cx) {
        ShutdownPhase::Open | ShutdownPhase::Draining => Poll::Pending,
        ShutdownPhase::Aborting => Poll::Ready(()),
    })
    .await;
}

/// Makes the time expire within which the peer must read a burst.
pub fn fall_behind(connection: &WebSocketConnection) {
    connection.shared().fall_behind();
}
