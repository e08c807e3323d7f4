use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::read_closed::ReadClosed;

/// Observer of the bytes of a connection while it speaks HTTP.
pub(crate) trait StreamObserver: Send + Sync {
    /// Notes that these bytes were received.
    fn received(&self, bytes: &[u8]);

    /// Notes that bytes were sent.
    fn sent(&self);
}

/// A stream that reports its reads and writes to an observer. A WebSocket takes the stream out
/// again: see `connection/task/transport.rs`.
pub(crate) struct ObservedStream<T> {
    stream: T,
    observer: Arc<dyn StreamObserver>,
}

impl<T> ObservedStream<T> {
    pub(crate) fn new(stream: T, observer: Arc<dyn StreamObserver>) -> Self {
        Self { stream, observer }
    }

    pub(crate) fn into_inner(self) -> T {
        self.stream
    }

    fn sent(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.observer.sent();
        }
        written
    }
}

impl<T: ReadClosed> ReadClosed for ObservedStream<T> {
    fn is_read_closed(&self) -> bool {
        self.stream.is_read_closed()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ObservedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.observer.received(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for ObservedStream<T> {
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
