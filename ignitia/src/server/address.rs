//! Addresses that a server can bind, and their cleanup.

use std::{future::Future, net::SocketAddr};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::listener::Listener;
#[cfg(unix)]
use super::socket_file::SocketFile;
use crate::error::{Error, Result};

/// An address to listen on: the one of [`Server::new`](super::Server::new), or the path of
/// `Server::unix`. Sealed: other crates cannot name it.
pub trait Address: Send + 'static {
    type Listener: Listener;

    fn bind(self) -> impl Future<Output = Result<(Self::Listener, Cleanup)>> + Send;
}

/// Cleanup of an address that a server no longer listens on. Happens on drop.
#[derive(Debug)]
pub enum Cleanup {
    /// There is nothing of ours to remove.
    None,
    /// The file of the Unix socket is removed.
    #[cfg(unix)]
    SocketFile(SocketFile),
}

impl Address for SocketAddr {
    type Listener = TcpListener;

    async fn bind(self) -> Result<(TcpListener, Cleanup)> {
        let listener = TcpListener::bind(self)
            .await
            .map_err(|error| Error::io(format!("cannot listen on {self}"), error))?;
        Ok((listener, Cleanup::None))
    }
}

#[cfg(unix)]
impl Address for std::path::PathBuf {
    type Listener = UnixListener;

    async fn bind(self) -> Result<(UnixListener, Cleanup)> {
        let (listener, file) = SocketFile::listen(&self)
            .await
            .map_err(|error| Error::io(format!("cannot listen on {}", self.display()), error))?;
        Ok((listener, Cleanup::SocketFile(file)))
    }
}
