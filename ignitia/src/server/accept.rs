//! Connections of a listening socket.

use std::{future::Future, io};

#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

use super::peer_addr::PeerAddr;
use crate::stream::ReadClosed;

/// A listening socket that accepts connections. Sealed: other crates cannot name it.
pub trait Accept: Send + Sync + Sized + 'static {
    type Stream: AsyncRead + AsyncWrite + ReadClosed + Unpin + Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, PeerAddr)>> + Send;

    /// Returns the address for the log.
    fn name(&self) -> io::Result<String>;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, PeerAddr)> {
        let (stream, peer) = Self::accept(self).await?;
        // Messages are written in one piece, so there is no more data to wait for. If this fails,
        // the first write fails, too.
        let _ = stream.set_nodelay(true);
        Ok((stream, PeerAddr::Network(peer)))
    }

    fn name(&self) -> io::Result<String> {
        Ok(self.local_addr()?.to_string())
    }
}

#[cfg(unix)]
impl Accept for UnixListener {
    type Stream = UnixStream;

    async fn accept(&self) -> io::Result<(UnixStream, PeerAddr)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, PeerAddr::Local))
    }

    fn name(&self) -> io::Result<String> {
        let addr = self.local_addr()?;
        Ok(addr.as_pathname().map_or("a Unix socket".into(), |path| path.display().to_string()))
    }
}
