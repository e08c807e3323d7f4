//! A transport in memory, in place of the upgraded connection. Reads and writes are short.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use bytes::{BufMut, Bytes};
use hyper::{
    rt,
    upgrade::{Parts, Upgraded},
};

use crate::{
    connection::state::{DirectWriter, SendBuffer},
    stream::{AcceptedStream, StreamReset},
    sync::{Mutex, MutexGuard},
};

/// Maximum size of one read.
const READ: usize = 24;

/// Maximum number of bytes that the peer has not read.
const CAPACITY: usize = 16;

/// A read buffer.
pub(crate) struct Scratch(Vec<u8>);

impl Scratch {
    pub(crate) fn take() -> Self {
        Self(vec![0; READ])
    }

    pub(crate) fn filled(&mut self, n: usize) -> &mut [u8] {
        &mut self.0[..n]
    }

    pub(crate) fn is_full(&self, n: usize) -> bool {
        n == self.0.len()
    }
}

/// Both directions of a connection.
#[derive(Debug, Default)]
pub(crate) struct Pipe(Mutex<Directions>);

#[derive(Debug, Default)]
struct Directions {
    to_server: Direction,
    to_peer: Direction,
}

#[derive(Debug, Default)]
struct Direction {
    bytes: VecDeque<u8>,
    has_ended: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Direction {
    fn end(&mut self) -> Vec<Waker> {
        self.has_ended = true;
        self.reader.take().into_iter().chain(self.writer.take()).collect()
    }
}

fn wake(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, Directions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends bytes from the peer.
    pub(crate) fn send(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.to_server.bytes.extend(bytes);
        let reader = state.to_server.reader.take();
        drop(state);
        wake(reader);
    }

    /// Writes bytes to the peer, as many as there is room for. If there is none, the waker is woken
    /// when there is.
    fn put(&self, bytes: &[u8], waker: Option<&Waker>) -> usize {
        let mut state = self.lock();
        let direction = &mut state.to_peer;
        let n = bytes.len().min(CAPACITY - direction.bytes.len());
        if n == 0 {
            direction.writer = waker.cloned().or(direction.writer.take());
            return 0;
        }
        direction.bytes.extend(&bytes[..n]);
        let reader = direction.reader.take();
        drop(state);
        wake(reader);
        n
    }

    /// Receives all bytes for the peer. An empty result is the end.
    pub(crate) fn poll_recv(&self, cx: &Context<'_>) -> Poll<Vec<u8>> {
        let mut state = self.lock();
        let direction = &mut state.to_peer;
        if direction.bytes.is_empty() && !direction.has_ended {
            direction.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let bytes = direction.bytes.drain(..).collect();
        let writer = direction.writer.take();
        drop(state);
        wake(writer);
        Poll::Ready(bytes)
    }

    /// Shuts down the peer's direction.
    pub(crate) fn finish(&self) {
        let wakers = self.lock().to_server.end();
        wake(wakers);
    }
}

#[derive(Debug)]
pub(crate) struct Transport(Arc<Pipe>);

impl Transport {
    pub(crate) fn new(upgraded: Upgraded, _: Option<StreamReset>) -> (Self, Option<DirectWriter>, Bytes) {
        match upgraded.downcast::<Served>() {
            Ok(Parts { io: Served(transport), read_buf, .. }) => {
                let writer = transport.direct_writer();
                (transport, Some(writer), read_buf)
            }
            Err(other) => unreachable!("models have no other transport: {other:?}"),
        }
    }

    pub(crate) fn over_stream(stream: AcceptedStream) -> (Self, Option<DirectWriter>) {
        unreachable!("models have no other transport: {stream:?}")
    }

    pub(crate) fn over(pipe: Arc<Pipe>) -> Self {
        Self(pipe)
    }

    pub(crate) fn direct_writer(&self) -> DirectWriter {
        let pipe = self.0.clone();
        DirectWriter::new(move |bytes| match pipe.put(bytes, None) {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        })
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut Scratch,
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.lock();
        let direction = &mut state.to_server;
        if direction.bytes.is_empty() && !direction.has_ended {
            direction.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let n = READ.min(direction.bytes.len());
        for (slot, byte) in scratch.0.iter_mut().zip(direction.bytes.drain(..n)) {
            *slot = byte;
        }
        Poll::Ready(Ok(n))
    }

    /// Reads a large payload directly, which the models never do.
    pub(crate) fn poll_read_to(
        &mut self,
        _: &mut Context<'_>,
        _: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        unreachable!("models have no large payloads")
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        frames: &SendBuffer,
        _: bool,
    ) -> Poll<io::Result<usize>> {
        self.poll_put(cx, frames.first())
    }

    fn poll_put(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.0.put(bytes, Some(cx.waker())) {
            0 => Poll::Pending,
            n => Poll::Ready(Ok(n)),
        }
    }

    pub(crate) fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    pub(crate) fn is_tcp(&self) -> bool {
        false
    }

    pub(crate) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let wakers = self.0.lock().to_peer.end();
        wake(wakers);
        let mut scratch = Scratch::take();
        while let Poll::Ready(read) = self.poll_read(cx, &mut scratch) {
            if !read.is_ok_and(|n| n > 0) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}

/// The transport while hyper owns it.
#[derive(Debug)]
pub(crate) struct Served(pub(crate) Transport);

impl rt::Read for Served {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut scratch = Scratch::take();
        let n = ready!(self.0.poll_read(cx, &mut scratch))?;
        buffer.put_slice(scratch.filled(n));
        Poll::Ready(Ok(()))
    }
}

impl rt::Write for Served {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_put(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        wake(self.0.0.lock().to_peer.end());
        Poll::Ready(Ok(()))
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        let wakers = self.0.lock().to_peer.end();
        wake(wakers);
    }
}
