use std::{
    cell::Cell,
    future::Future,
    io::{self, IoSlice},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::{BufMut, Bytes};
use hyper::upgrade::Upgraded;
use hyper_util::{
    rt::TokioIo,
    server::conn::auto::upgrade::{Parts, downcast},
};
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;
use tokio_util::io::poll_read_buf;

use crate::{
    connection::state::{SLICES, SendBuffer},
    stream::{ObservedStream, ReadClosed, StreamReset, UpgradableStream},
};

/// What one read may bring: 64 KiB, and the header before them.
const SCRATCH: usize = (64 << 10) + 16;

/// What a transport that copies is given at once.
const COPIED: usize = 64 << 10;

/// Reads of a lingering transport in one poll.
const READS: usize = 4;

thread_local! {
    static BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// The thread's one read buffer, so that an idle connection needs none; it goes back when this is dropped.
pub(crate) struct Scratch(Box<[u8]>);

impl Scratch {
    pub(crate) fn lend() -> Self {
        Self(BUFFER.take().unwrap_or_else(|| vec![0; SCRATCH].into()))
    }

    /// The first `n` bytes.
    pub(crate) fn filled(&mut self, n: usize) -> &mut [u8] {
        &mut self.0[..n]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        BUFFER.set(Some(std::mem::take(&mut self.0)));
    }
}

/// The upgraded connection.
#[derive(Debug)]
pub(crate) struct Transport {
    io: Io,
    shut: bool,
    /// For a stream of HTTP/2.
    cut: Option<StreamReset>,
}

#[derive(Debug)]
enum Io {
    // What our own server serves, and axum's without TLS: all that was put around it is done with.
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TcpStream>>),
    /// HTTP/2, or whatever else hyper serves.
    Other(TokioIo<Upgraded>),
}

impl Io {
    fn of(upgraded: Upgraded) -> (Self, Bytes) {
        let upgraded = match taken_out(upgraded) {
            Ok((stream, early)) => return (Self::Tcp(stream), early),
            Err(upgraded) => upgraded,
        };
        #[cfg(unix)]
        let upgraded = match taken_out(upgraded) {
            Ok((stream, early)) => return (Self::Unix(stream), early),
            Err(upgraded) => upgraded,
        };
        #[cfg(feature = "tls")]
        let upgraded = match taken_out(upgraded) {
            Ok((stream, early)) => return (Self::Tls(Box::new(stream)), early),
            Err(upgraded) => upgraded,
        };
        match downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(Parts { io, read_buf, .. }) => (Self::Tcp(io.into_inner()), read_buf),
            Err(upgraded) => (Self::Other(TokioIo::new(upgraded)), Bytes::new()),
        }
    }
}

/// The stream that our server has handed to hyper, if it is of this kind, and what hyper has read of it.
fn taken_out<T>(upgraded: Upgraded) -> Result<(T, Bytes), Upgraded>
where
    T: AsyncRead + AsyncWrite + ReadClosed + Unpin + 'static,
{
    let Parts { io, read_buf, .. } = downcast::<TokioIo<UpgradableStream<ObservedStream<T>>>>(upgraded)?;
    Ok((io.into_inner().into_inner().into_inner(), read_buf))
}

/// Calls a method of the stream, whichever it is.
macro_rules! io {
    ($transport:ident.$method:ident($($argument:expr),*)) => {
        match &mut $transport.io {
            Io::Tcp(io) => Pin::new(io).$method($($argument),*),
            #[cfg(unix)]
            Io::Unix(io) => Pin::new(io).$method($($argument),*),
            #[cfg(feature = "tls")]
            Io::Tls(io) => Pin::new(&mut **io).$method($($argument),*),
            Io::Other(io) => Pin::new(io).$method($($argument),*),
        }
    };
}

impl Transport {
    /// The transport, and what has been read from it already.
    pub(crate) fn new(upgraded: Upgraded, cut: Option<StreamReset>) -> (Self, Bytes) {
        let (io, early) = Io::of(upgraded);
        (Self { io, shut: false, cut }, early)
    }

    /// Reads once; 0 bytes are the end of the input.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut Scratch,
    ) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(&mut scratch.0);
        ready!(io!(self.poll_read(cx, &mut read)))?;
        Poll::Ready(Ok(read.filled().len()))
    }

    /// Reads once, to where the bytes belong; 0 bytes are the end of the input.
    pub(crate) fn poll_read_to(
        &mut self,
        cx: &mut Context<'_>,
        place: &mut impl BufMut,
    ) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Tcp(io) => poll_read_buf(Pin::new(io), cx, place),
            #[cfg(unix)]
            Io::Unix(io) => poll_read_buf(Pin::new(io), cx, place),
            #[cfg(feature = "tls")]
            Io::Tls(io) => poll_read_buf(Pin::new(&mut **io), cx, place),
            Io::Other(io) => poll_read_buf(Pin::new(io), cx, place),
        }
    }

    /// Writes once, as much as the transport takes of it.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        frames: &SendBuffer,
    ) -> Poll<io::Result<usize>> {
        let written = if !io!(self.is_write_vectored()) {
            // A stream of HTTP/2 copies all that it is given, and calls it written.
            let first = frames.first();
            io!(self.poll_write(cx, &first[..first.len().min(COPIED)]))
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

    /// Makes sure that the kernel has what was written: TLS keeps records of its own.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        io!(self.poll_flush(cx))
    }

    /// Ends our side first (RFC 6455, section 7.1.1), then reads to the end, so that unread bytes do not turn into a
    /// reset that overtakes the close frame. Bounded by the caller's clock.
    pub(crate) fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.shut {
            if ready!(io!(self.poll_shutdown(cx))).is_err() {
                return Poll::Ready(());
            }
            self.shut = true;
        }
        let mut scratch = Scratch::lend();
        for _ in 0..READS {
            match ready!(self.poll_read(cx, &mut scratch)) {
                Ok(n) if n > 0 => {}
                _ => return Poll::Ready(()),
            }
        }
        // There is more, after the runtime has looked at other sockets.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

/// A connection that has not come to its end is cut off: TCP when its socket is dropped, a stream here.
impl Drop for Transport {
    fn drop(&mut self) {
        if let Some(cut) = &self.cut
            && !self.shut
        {
            cut.trigger();
        }
    }
}
