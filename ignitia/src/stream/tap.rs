use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::read_closed::ReadClosed;

/// Hears what goes over a connection while HTTP is spoken on it.
pub(crate) trait StreamObserver: Send + Sync {
    /// These bytes came in.
    fn received(&self, bytes: &[u8]);

    /// Bytes went out.
    fn sent(&self);
}

/// A stream and the one who hears what goes over it. A WebSocket takes the stream out again: see
/// `connection/task/transport.rs`.
pub(crate) struct Tap<T> {
    stream: T,
    hearer: Arc<dyn StreamObserver>,
}

impl<T> Tap<T> {
    pub(crate) fn new(stream: T, hearer: Arc<dyn StreamObserver>) -> Self {
        Self { stream, hearer }
    }

    pub(crate) fn into_inner(self) -> T {
        self.stream
    }

    fn sent(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.hearer.sent();
        }
        written
    }
}

impl<T: ReadClosed> ReadClosed for Tap<T> {
    fn is_read_closed(&self) -> bool {
        self.stream.is_read_closed()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Tap<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.hearer.received(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tap<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.sent(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.sent(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
