use std::{
    cell::Cell,
    future::Future,
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{BufMut, Bytes};
use hyper::upgrade::{self, Upgraded};
use hyper_util::{
    rt::TokioIo,
    server::conn::auto::upgrade::{Parts, downcast},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_util::io::poll_read_buf;

use super::shared_tcp_stream::SharedTcpStream;
use crate::{
    connection::state::{DirectWriter, SLICES, SendBuffer},
    stream::{AcceptedStream, ObservedStream, StreamReset, UpgradableStream},
};

/// Most bytes of one read: 64 KiB, and a header before them.
const SCRATCH: usize = (64 << 10) + 16;

/// Place of the first byte that is read. The payload behind a header of six bytes, as a short
/// message has one, lies at a multiple of eight then: its text is validated word by word.
const READ_FROM: usize = 2;

/// Most bytes that are given at once to a transport that copies what it is given.
const MAX_COPIED_WRITE: usize = 64 << 10;

/// Number of reads of a lingering transport in one poll.
const READS: usize = 4;

thread_local! {
    static BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// The one read buffer of this thread, so that an idle connection needs none. It goes back when
/// this is dropped.
pub(crate) struct Scratch(Box<[u8]>);

impl Scratch {
    pub(crate) fn take() -> Self {
        Self(BUFFER.take().unwrap_or_else(|| vec![0; READ_FROM + SCRATCH].into()))
    }

    /// Returns the bytes of a read, by their number.
    pub(crate) fn filled(&mut self, n: usize) -> &mut [u8] {
        &mut self.0[READ_FROM..READ_FROM + n]
    }

    /// Returns `true` if a read of this many bytes has filled the buffer.
    pub(crate) fn is_full(&self, n: usize) -> bool {
        READ_FROM + n == self.0.len()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        BUFFER.set(Some(std::mem::take(&mut self.0)));
    }
}

/// Stream that our server hands to hyper.
type ServerStream = UpgradableStream<ObservedStream<AcceptedStream>>;

/// Transport of an upgraded connection.
#[derive(Debug)]
pub(crate) struct Transport {
    io: Io,
    shut: bool,
    /// Resets the stream, over HTTP/2.
    reset: Option<StreamReset>,
}

#[derive(Debug)]
enum Io {
    // Streams of our own server, and of axum's without TLS. The layers that hyper and the server
    // put around them are taken off.
    Tcp(SharedTcpStream),
    /// A stream of our own server that is not TCP itself.
    Accepted(AcceptedStream),
    /// A stream of HTTP/2, or of any other server that hyper drives.
    Other(TokioIo<Upgraded>),
}

impl Io {
    fn of(upgraded: Upgraded) -> (Self, Option<DirectWriter>, Bytes) {
        let upgraded = match upgraded.downcast::<TokioIo<ServerStream>>() {
            Ok(upgrade::Parts { io, read_buf, .. }) => {
                let (io, direct_writer) = Self::accepted(io.into_inner().into_inner().into_inner());
                return (io, direct_writer, read_buf);
            }
            Err(upgraded) => upgraded,
        };
        match downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(Parts { io, read_buf, .. }) => {
                let (io, direct_writer) = Self::split(io.into_inner());
                (io, direct_writer, read_buf)
            }
            Err(upgraded) => (Self::Other(TokioIo::new(upgraded)), None, Bytes::new()),
        }
    }

    /// Splits off the writing half, which others may use as well.
    fn split(stream: TcpStream) -> (Self, Option<DirectWriter>) {
        let (stream, writing) = SharedTcpStream::new(stream);
        (Self::Tcp(stream), Some(DirectWriter::new(writing)))
    }

    fn accepted(stream: AcceptedStream) -> (Self, Option<DirectWriter>) {
        match stream {
            AcceptedStream::Tcp(stream) => Self::split(stream),
            stream => (Self::Accepted(stream), None),
        }
    }
}

/// Calls a method of the stream, of whichever type it is.
macro_rules! io {
    ($transport:ident.$method:ident($($argument:expr),*)) => {
        match &mut $transport.io {
            Io::Tcp(io) => Pin::new(io).$method($($argument),*),
            Io::Accepted(io) => Pin::new(io).$method($($argument),*),
            Io::Other(io) => Pin::new(io).$method($($argument),*),
        }
    };
}

impl Transport {
    /// Returns the transport, the writer that others may use, and the bytes that were read from it
    /// already.
    pub(crate) fn new(upgraded: Upgraded, reset: Option<StreamReset>) -> (Self, Option<DirectWriter>, Bytes) {
        let (io, direct_writer, early) = Io::of(upgraded);
        (Self { io, shut: false, reset }, direct_writer, early)
    }

    /// Returns the transport over a stream of our own server, and the writer that others may use.
    pub(crate) fn over_stream(stream: AcceptedStream) -> (Self, Option<DirectWriter>) {
        let (io, direct_writer) = Io::accepted(stream);
        (Self { io, shut: false, reset: None }, direct_writer)
    }

    /// Returns true for TCP without TLS.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.io, Io::Tcp(_))
    }

    /// Reads once. 0 bytes mean the end of the input.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut Scratch,
    ) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(&mut scratch.0[READ_FROM..]);
        ready!(io!(self.poll_read(cx, &mut read)))?;
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Reads once, straight to where the bytes belong. 0 bytes mean the end of the input.
    pub(crate) fn poll_read_to(
        &mut self,
        cx: &mut Context<'_>,
        place: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Tcp(io) => poll_read_buf(Pin::new(io), cx, place),
            Io::Accepted(io) => poll_read_buf(Pin::new(io), cx, place),
            Io::Other(io) => poll_read_buf(Pin::new(io), cx, place),
        }
    }

    /// Writes once, as much as the transport takes. With `is_last` the end of our side follows.
    #[inline]
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        frames: &SendBuffer,
        is_last: bool,
    ) -> Poll<io::Result<usize>> {
        let written = if !io!(self.is_write_vectored()) {
            // A stream of HTTP/2 copies everything that it is given and reports it as written:
            // there would be no backpressure. So it is given little.
            let first = frames.first();
            io!(self.poll_write(cx, &first[..first.len().min(MAX_COPIED_WRITE)]))
        } else if frames.is_one_piece()
            && is_last
            && let Io::Tcp(io) = &self.io
        {
            io.poll_write_last(cx, frames.first())
        } else if frames.is_one_piece() {
            io!(self.poll_write(cx, frames.first()))
        } else {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = frames.fill(&mut slices);
            io!(self.poll_write_vectored(cx, &slices[..filled]))
        };
        match ready!(written) {
            Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            written => Poll::Ready(written),
        }
    }

    /// Makes sure that the kernel has everything that was written: TLS buffers records.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        io!(self.poll_flush(cx))
    }

    /// Shuts down our side first (RFC 6455, section 7.1.1), then reads to the end, so that unread
    /// bytes do not turn into a TCP reset that overtakes the close frame. The caller has the
    /// deadline.
    pub(crate) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.shut {
            if ready!(io!(self.poll_shutdown(cx))).is_err() {
                return Poll::Ready(());
            }
            self.shut = true;
        }
        let mut scratch = Scratch::take();
        for _ in 0..READS {
            match ready!(self.poll_read(cx, &mut scratch)) {
                Ok(n) if n > 0 => {}
                _ => return Poll::Ready(()),
            }
        }
        // There is more to read, after the runtime has polled other sockets.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

/// Cuts off a connection that was not shut down. TCP does that when its socket is dropped; a stream
/// of HTTP/2 must be reset.
impl Drop for Transport {
    fn drop(&mut self) {
        if let Some(reset) = &self.reset
            && !self.shut
        {
            reset.trigger();
        }
    }
}
