//! The server's end of a connection in memory. The client's bytes arrive in pieces that the input
//! determines.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
    time::{Sleep, sleep},
};

/// Maximum result of one read.
#[derive(Debug)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// No bytes until the server is idle: the paused clock advances only then.
    Pause,
}

/// A transport that the server drops once it is done with the connection.
#[derive(Debug)]
pub struct ScriptedStream {
    pieces: VecDeque<Piece>,
    pause: Option<Pin<Box<Sleep>>>,
    sent: SentBytes,
    /// Maximum size of one write.
    width: usize,
    /// True if the last write was refused. Every other write is.
    is_write_refused: bool,
    _done: oneshot::Sender<()>,
}

/// Bytes that the server has sent.
#[derive(Debug, Clone, Default)]
pub struct SentBytes(Arc<Mutex<Vec<u8>>>);

impl SentBytes {
    pub fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().expect("no thread has panicked")
    }
}

impl ScriptedStream {
    /// Returns the stream, its sent bytes, and a receiver that completes once the stream is
    /// dropped.
    pub fn new(
        pieces: impl IntoIterator<Item = Piece>,
        width: u8,
    ) -> (Self, SentBytes, oneshot::Receiver<()>) {
        let (_done, done) = oneshot::channel();
        let sent = SentBytes::default();
        let width = if width == 0 { usize::MAX } else { usize::from(width) * 7 };
        let pieces = pieces.into_iter().collect();
        let stream = Self { pieces, pause: None, sent: sent.clone(), width, is_write_refused: false, _done };
        (stream, sent, done)
    }

    fn write<'a>(
        &mut self,
        slices: impl IntoIterator<Item = &'a [u8]>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.width < usize::MAX {
            self.is_write_refused = !self.is_write_refused;
            if self.is_write_refused {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        let mut sent = self.sent.lock();
        let before = sent.len();
        for slice in slices {
            let room = self.width - (sent.len() - before);
            sent.extend_from_slice(&slice[..slice.len().min(room)]);
        }
        Poll::Ready(Ok(sent.len() - before))
    }
}

impl AsyncRead for ScriptedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = &mut *self;
        while let Some(Piece::Pause) = stream.pieces.front() {
            let pause = stream.pause.get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(1))));
            ready!(pause.as_mut().poll(cx));
            stream.pause = None;
            stream.pieces.pop_front();
        }
        if let Some(Piece::Bytes(bytes)) = stream.pieces.front_mut() {
            let n = bytes.len().min(buffer.remaining());
            buffer.put_slice(&bytes[..n]);
            bytes.drain(..n);
            if bytes.is_empty() {
                stream.pieces.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ScriptedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write([bytes], cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(slices.iter().map(|slice| &**slice), cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Splits bytes into pieces of these sizes, cyclically. Size 0 stands for a pause and a piece of
/// the minimum size, which grows with the input to limit the number of pieces.
pub fn split(mut bytes: &[u8], sizes: &[u8]) -> Vec<Piece> {
    let at_least = bytes.len() / 512;
    let mut sizes = sizes.iter().cycle();
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let size = match sizes.next() {
            None | Some(&u8::MAX) => bytes.len(),
            Some(0) => {
                pieces.push(Piece::Pause);
                1 + at_least
            }
            Some(size) => usize::from(*size) + at_least,
        };
        let (piece, rest) = bytes.split_at(size.min(bytes.len()));
        pieces.push(Piece::Bytes(piece.to_vec()));
        bytes = rest;
    }
    pieces
}
