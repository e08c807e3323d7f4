use std::{
    fmt,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::read_closed::ReadClosed;

/// Stream of a connection that our server has accepted. It is one type for every transport, so that
/// hyper's code for a connection is compiled once.
#[derive(Debug)]
pub(crate) enum AcceptedStream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    /// A stream of TLS, or one in memory. Its type would be described by the debug information of
    /// all that holds a stream, and rustls with it.
    #[cfg_attr(
        not(any(feature = "tls", feature = "testing")),
        expect(dead_code, reason = "there is no such stream without these features")
    )]
    Other(Box<dyn Duplex>),
}

/// Any stream of bytes to a peer and back.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + ReadClosed + fmt::Debug + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + ReadClosed + fmt::Debug + Unpin + Send> Duplex for T {}

/// Calls a method of the stream, of whichever type it is.
macro_rules! stream {
    ($self:expr, $stream:ident => $call:expr) => {
        match $self {
            AcceptedStream::Tcp($stream) => $call,
            #[cfg(unix)]
            AcceptedStream::Unix($stream) => $call,
            AcceptedStream::Other($stream) => $call,
        }
    };
}

impl ReadClosed for AcceptedStream {
    fn is_read_closed(&self) -> bool {
        stream!(self, stream => stream.is_read_closed())
    }
}

impl AsyncRead for AcceptedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        stream!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, buffer))
    }
}

impl AsyncWrite for AcceptedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        stream!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        stream!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        stream!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        stream!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        stream!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
