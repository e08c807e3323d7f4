//! Addresses that a server can bind.

use std::{future::Future, net::SocketAddr, pin::Pin};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

#[cfg(unix)]
use super::socket_file::SocketFile;
use super::{
    acceptor::Acceptor, bound::BoundServer, cleanup::Cleanup, listener::Listener, nodelay_listener::listen,
    signals::ShutdownSignal,
};
use crate::{
    error::{Error, Result},
    shutdown::DrainReport,
};

/// Future of a bound listener. Boxed, so that it is compiled with this crate, and not again with
/// each program.
type Binding<L> = Pin<Box<dyn Future<Output = Result<(L, Cleanup)>> + Send>>;

/// Future of a server that runs. Boxed for the same reason.
type Running = Pin<Box<dyn Future<Output = Result<DrainReport>> + Send>>;

/// An address to listen on: the one of [`Server::new`](super::Server::new), or the path of
/// `Server::unix`. Sealed: other crates cannot name it.
pub trait Address: Send + 'static {
    type Listener: Listener;

    fn bind(self) -> Binding<Self::Listener>;

    /// Binds, and serves until a drain is over.
    fn run(self, acceptor: Acceptor, shutdown_signal: Option<ShutdownSignal>) -> Running;
}

impl Address for SocketAddr {
    type Listener = TcpListener;

    fn bind(self) -> Binding<TcpListener> {
        Box::pin(async move {
            let listener =
                listen(self).map_err(|error| Error::io(format!("cannot listen on {self}"), error))?;
            Ok((listener, Cleanup::None))
        })
    }

    fn run(self, acceptor: Acceptor, shutdown_signal: Option<ShutdownSignal>) -> Running {
        Box::pin(bind_and_run(self, acceptor, shutdown_signal))
    }
}

#[cfg(unix)]
impl Address for std::path::PathBuf {
    type Listener = UnixListener;

    fn bind(self) -> Binding<UnixListener> {
        Box::pin(async move {
            let (listener, file) = SocketFile::listen(&self)
                .await
                .map_err(|error| Error::io(format!("cannot listen on {}", self.display()), error))?;
            Ok((listener, Cleanup::SocketFile(file)))
        })
    }

    // Inlined: only programs with a Unix socket compile it.
    #[inline]
    fn run(self, acceptor: Acceptor, shutdown_signal: Option<ShutdownSignal>) -> Running {
        Box::pin(bind_and_run(self, acceptor, shutdown_signal))
    }
}

async fn bind_and_run<A: Address>(
    addr: A,
    acceptor: Acceptor,
    shutdown_signal: Option<ShutdownSignal>,
) -> Result<DrainReport> {
    let (listener, cleanup) = addr.bind().await?;
    BoundServer::new(acceptor, shutdown_signal, listener, cleanup)?.run().await
}
