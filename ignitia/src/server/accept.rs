//! Connections of a listening socket.

use std::{future::Future, io};

#[cfg(unix)]
use tokio::net::UnixListener;

use super::peer_addr::PeerAddr;
use crate::stream::AcceptedStream;

/// A listening socket that accepts connections.
pub(super) trait Accept: Send + Sync + Sized + 'static {
    fn accept(&self) -> impl Future<Output = io::Result<(AcceptedStream, PeerAddr)>> + Send;
}

#[cfg(unix)]
impl Accept for UnixListener {
    async fn accept(&self) -> io::Result<(AcceptedStream, PeerAddr)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((AcceptedStream::Unix(stream), PeerAddr::Local))
    }
}
