//! Sockets that a server can listen on.

use std::{future::Future, pin::Pin, sync::Arc};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::{accept::Accept, acceptor::Acceptor, cleanup::Cleanup};

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
pub trait AcceptLoop: Accept {
    /// Returns the future of [`Acceptor::run`].
    fn accept_loop(
        self,
        acceptor: Arc<Acceptor>,
        cleanup: Cleanup,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

impl AcceptLoop for TcpListener {
    fn accept_loop(
        self,
        acceptor: Arc<Acceptor>,
        cleanup: Cleanup,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(acceptor.run(self, cleanup))
    }
}

#[cfg(unix)]
impl AcceptLoop for UnixListener {
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
