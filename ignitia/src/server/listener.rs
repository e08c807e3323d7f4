//! Sockets that a server can listen on.

use std::{fmt, future::Future, io, net::SocketAddr};

#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

use crate::stream::ReadClosed;

/// A listening socket that a [`Server`](super::Server) can serve on: tokio's `TcpListener`, or on Unix its `UnixListener`.
pub trait Listener: Accept {}

impl Listener for TcpListener {}

#[cfg(unix)]
impl Listener for UnixListener {}

/// What the server needs of a listener. Nobody else can name it.
pub trait Accept: Send + Sync + Sized + 'static {
    type Stream: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Source)>> + Send;

    /// The address as it is logged.
    fn named(&self) -> io::Result<String>;
}

/// Where a connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// This address.
    Network(SocketAddr),
    /// This machine: whoever may open the socket's file.
    Machine,
}

impl Source {
    pub(super) fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Network(addr) => Some(addr),
            Self::Machine => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(addr) => addr.fmt(f),
            Self::Machine => f.write_str("this machine"),
        }
    }
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Source)> {
        let (stream, peer) = Self::accept(self).await?;
        // Messages are written in one piece: there is nothing to wait for. That it fails shows on the first write.
        let _ = stream.set_nodelay(true);
        Ok((stream, Source::Network(peer)))
    }

    fn named(&self) -> io::Result<String> {
        Ok(self.local_addr()?.to_string())
    }
}

#[cfg(unix)]
impl Accept for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, Source)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, Source::Machine))
    }

    fn named(&self) -> io::Result<String> {
        let addr = self.local_addr()?;
        Ok(addr.as_pathname().map_or("a Unix socket".into(), |path| path.display().to_string()))
    }
}
