//! Connections over a transport in memory, run by the scheduler of the models.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
};

use axum_core::response::{IntoResponse, Response};

use crate::{
    Shutdown, WebSocketConnection,
    connection::{ConnectionTask, Observer, Pipe, Shared, Transport, WebSocketConfig, session::Session},
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
    Cut,
}

impl Peer {
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
            if let [first, length, rest @ ..] = &self.received[..]
                && let Some((payload, behind)) = rest.split_at_checked(usize::from(*length))
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
                return cut.then_some(Frame::Cut);
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
    let shared = Arc::new(Shared::new(Arc::new(config), None, Observer::default()));
    let handle = WebSocketConnection::new(shared.clone());
    let handler = handler(handle.clone());
    let session =
        Session::new(Box::pin(async move { IntoResponse::into_response(handler.await) as Response }));
    let pipe = Arc::new(Pipe::default());
    let task = ConnectionTask::over(Transport::over(pipe.clone()), shared, session, shutdown.watch());
    (Peer { pipe, received: Vec::new() }, handle, Box::pin(task))
}
