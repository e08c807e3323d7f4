//! Places to listen at, and what has to be tidied up there.

use std::{future::Future, net::SocketAddr};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::listener::Listener;
#[cfg(unix)]
use super::socket_file::SocketFile;
use crate::error::{Error, Result};

/// A place to listen at: the address of [`Server::new`](super::Server::new), or the path of `Server::unix`. Nobody else can name it.
pub trait Address: Send + 'static {
    type Listener: Listener;

    fn bind(self) -> impl Future<Output = Result<(Self::Listener, Place)>> + Send;
}

/// What is left at an address when nobody listens there any more.
#[derive(Debug)]
pub enum Place {
    /// Nothing that is ours to remove.
    Plain,
    /// The socket's file, removed when this is dropped.
    #[cfg(unix)]
    File(SocketFile),
}

impl Address for SocketAddr {
    type Listener = TcpListener;

    async fn bind(self) -> Result<(TcpListener, Place)> {
        let listener = TcpListener::bind(self)
            .await
            .map_err(|error| Error::io(format!("cannot listen on {self}"), error))?;
        Ok((listener, Place::Plain))
    }
}

#[cfg(unix)]
impl Address for std::path::PathBuf {
    type Listener = UnixListener;

    async fn bind(self) -> Result<(UnixListener, Place)> {
        let (listener, file) = SocketFile::listen(&self)
            .await
            .map_err(|error| Error::io(format!("cannot listen on {}", self.display()), error))?;
        Ok((listener, Place::File(file)))
    }
}
