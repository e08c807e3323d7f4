//! Sockets that a server can listen on.

use std::{future::Future, io, pin::Pin, sync::Arc};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::{acceptor::Acceptor, cleanup::Cleanup, nodelay_listener::NodelayListener};

/// A listening socket that a [`Server`](super::Server) can serve on: tokio's `TcpListener`, or on
/// Unix its `UnixListener`.
pub trait Listener: AcceptLoop {}

impl Listener for TcpListener {}

#[cfg(unix)]
impl Listener for UnixListener {}

/// The part of a [`Listener`] that the server uses. Sealed: other crates cannot name it.
///
/// It is implemented for each listener by itself. So this crate contains the loop for TCP, with
/// hyper and h2 below it, and programs do not compile their own.
pub trait AcceptLoop: Send + Sync + Sized + 'static {
    /// Returns the address for the log.
    fn name(&self) -> io::Result<String>;

    /// Returns the future of [`Acceptor::run`].
    fn accept_loop(
        self,
        acceptor: Arc<Acceptor>,
        cleanup: Cleanup,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

impl AcceptLoop for TcpListener {
    fn name(&self) -> io::Result<String> {
        Ok(self.local_addr()?.to_string())
    }

    fn accept_loop(
        self,
        acceptor: Arc<Acceptor>,
        cleanup: Cleanup,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(acceptor.run(NodelayListener::from(self), cleanup))
    }
}

#[cfg(unix)]
impl AcceptLoop for UnixListener {
    fn name(&self) -> io::Result<String> {
        let addr = self.local_addr()?;
        Ok(addr.as_pathname().map_or("a Unix socket".into(), |path| path.display().to_string()))
    }

    // Inlined, so that only programs with a Unix socket compile its loop.
    #[inline]
    fn accept_loop(
        self,
        acceptor: Arc<Acceptor>,
        cleanup: Cleanup,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(acceptor.run(self, cleanup))
    }
}
