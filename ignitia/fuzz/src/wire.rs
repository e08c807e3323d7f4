//! The server's end of a connection in memory: what the client sends comes in the pieces that the input asks for.

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

/// What one read brings, at most.
#[derive(Debug)]
pub enum Piece {
    Bytes(Vec<u8>),
    /// Nothing, until the server has nothing left to do: the clock moves only then.
    Pause,
}

/// Dropped by the server when it is done with the connection.
#[derive(Debug)]
pub struct Wire {
    pieces: VecDeque<Piece>,
    pause: Option<Pin<Box<Sleep>>>,
    sent: Sent,
    /// What one write takes, at most.
    width: usize,
    /// Every other write has to be tried again.
    reluctant: bool,
    _done: oneshot::Sender<()>,
}

/// What the server has sent.
#[derive(Debug, Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<u8>>>);

impl Sent {
    pub fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().expect("no panic is survived")
    }
}

impl Wire {
    /// The other end, what it has written, and its end.
    pub fn new(pieces: impl IntoIterator<Item = Piece>, width: u8) -> (Self, Sent, oneshot::Receiver<()>) {
        let (_done, done) = oneshot::channel();
        let sent = Sent::default();
        let width = if width == 0 { usize::MAX } else { usize::from(width) * 7 };
        let pieces = pieces.into_iter().collect();
        let wire = Self { pieces, pause: None, sent: sent.clone(), width, reluctant: false, _done };
        (wire, sent, done)
    }

    fn write<'a>(
        &mut self,
        slices: impl IntoIterator<Item = &'a [u8]>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if self.width < usize::MAX {
            self.reluctant = !self.reluctant;
            if self.reluctant {
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

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        while let Some(Piece::Pause) = wire.pieces.front() {
            let pause = wire.pause.get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(1))));
            ready!(pause.as_mut().poll(cx));
            wire.pause = None;
            wire.pieces.pop_front();
        }
        if let Some(Piece::Bytes(bytes)) = wire.pieces.front_mut() {
            let n = bytes.len().min(buffer.remaining());
            buffer.put_slice(&bytes[..n]);
            bytes.drain(..n);
            if bytes.is_empty() {
                wire.pieces.pop_front();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
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

/// Cuts bytes into pieces of these sizes, over and over; with 0 there is a pause first. What is long is not cut into all too
/// many.
pub fn cut(mut bytes: &[u8], sizes: &[u8]) -> Vec<Piece> {
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
