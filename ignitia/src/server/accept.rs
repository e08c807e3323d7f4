//! Connections of a listening socket.

use std::{future::Future, io};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::peer_addr::PeerAddr;
use crate::stream::AcceptedStream;

/// A listening socket that accepts connections. Sealed: other crates cannot name it.
pub trait Accept: Send + Sync + Sized + 'static {
    fn accept(&self) -> impl Future<Output = io::Result<(AcceptedStream, PeerAddr)>> + Send;

    /// Returns the address for the log.
    fn name(&self) -> io::Result<String>;
}

impl Accept for TcpListener {
    async fn accept(&self) -> io::Result<(AcceptedStream, PeerAddr)> {
        let (stream, peer) = Self::accept(self).await?;
        // Messages are written in one piece, so there is no more data to wait for. If this fails,
        // the first write fails, too.
        let _ = stream.set_nodelay(true);
        Ok((AcceptedStream::Tcp(stream), PeerAddr::Network(peer)))
    }

    fn name(&self) -> io::Result<String> {
        Ok(self.local_addr()?.to_string())
    }
}

#[cfg(unix)]
impl Accept for UnixListener {
    async fn accept(&self) -> io::Result<(AcceptedStream, PeerAddr)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((AcceptedStream::Unix(stream), PeerAddr::Local))
    }

    fn name(&self) -> io::Result<String> {
        let addr = self.local_addr()?;
        Ok(addr.as_pathname().map_or("a Unix socket".into(), |path| path.display().to_string()))
    }
}
