use std::{fmt, future::Future, net::SocketAddr, pin::Pin, sync::Arc};

use tokio::net::TcpListener;

#[cfg(feature = "tls")]
use super::tls::TlsReloader;
use super::{
    acceptor::Acceptor,
    cleanup::Cleanup,
    listener::Listener,
    shutdown_group::ShutdownGroup,
    signals::{ShutdownSignal, Signal, Signals},
};
use crate::{
    error::{Error, Result},
    shutdown::{DrainReport, Shutdown},
    sync::AbortOnDropHandle,
};

/// A [`Server`](super::Server) that listens already.
#[must_use]
pub struct BoundServer<L = TcpListener> {
    /// The address as it is logged.
    addr: String,
    listener: L,
    cleanup: Cleanup,
    acceptor: Acceptor,
    signals: Signals,
    shutdown_signal: Option<ShutdownSignal>,
}

impl BoundServer {
    /// Returns the address that it listens on.
    ///
    /// # Panics
    ///
    /// If the kernel does not know the address any more, which it knew when the socket was bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().expect("a bound socket has an address")
    }
}

impl<L: Listener> BoundServer<L> {
    pub(super) fn new(
        acceptor: Acceptor,
        shutdown_signal: Option<ShutdownSignal>,
        listener: L,
        cleanup: Cleanup,
    ) -> Result<Self> {
        let addr = listener.name()?;
        if let Some(page) = acceptor.local_page()
            && !addr.parse().is_ok_and(|addr: SocketAddr| addr.ip().to_canonical().is_loopback())
        {
            let fault =
                format!("the console at `{page}` is for this machine only, but the server listens on {addr}");
            return Err(Error::route(format!(
                "{fault}: listen on 127.0.0.1, or call `Console::allow_remote(true)`"
            )));
        }
        let signals = Signals::new()?;
        Ok(Self { addr, listener, cleanup, acceptor, signals, shutdown_signal })
    }

    /// Returns the handle that drains it.
    pub fn shutdown(&self) -> Shutdown {
        self.acceptor.shutdown().clone()
    }

    /// Returns the handle that replaces the certificate, if there is one: its own or self-signed.
    #[cfg(feature = "tls")]
    pub fn tls_reloader(&self) -> Option<TlsReloader> {
        self.acceptor.tls.as_ref().map(|tls| tls.reloader.clone())
    }

    /// Serves until a drain is over. Returns when no connection is left.
    ///
    /// # Errors
    ///
    /// None at present: an error of one connection is logged and leaves the others alone.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting. Open connections go on without it.
    pub async fn ignitia(self) -> Result<()> {
        self.run().await.map(drop)
    }

    /// Serves as [`ignitia`](Self::ignitia) does, and returns the number of WebSockets that the
    /// drain closed, cleanly or not, and that it cut off.
    ///
    /// # Errors
    ///
    /// As [`ignitia`](Self::ignitia).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting. Open connections go on without it.
    pub async fn run(self) -> Result<DrainReport> {
        let Self { addr, listener, cleanup, acceptor, signals, shutdown_signal } = self;
        let acceptor = Arc::new(acceptor);
        let server = RunningServer {
            addr,
            shutdown: acceptor.shutdown().clone(),
            shutdowns: ShutdownGroup::of(&acceptor),
            watching: acceptor.watch_certificate(),
            accepting: listener.accept_loop(acceptor, cleanup),
            signals,
            shutdown_signal,
        };
        Ok(server.run().await)
    }
}

/// A server that runs, on any kind of listener.
struct RunningServer {
    addr: String,
    shutdown: Shutdown,
    shutdowns: ShutdownGroup,
    /// Keeps the certificate up to date.
    watching: Pin<Box<dyn Future<Output = ()> + Send>>,
    accepting: Pin<Box<dyn Future<Output = ()> + Send>>,
    signals: Signals,
    shutdown_signal: Option<ShutdownSignal>,
}

impl RunningServer {
    /// Returns the future of [`run_until_drained`](Self::run_until_drained). Boxed here, it is
    /// compiled with this crate, and not again with each program.
    fn run(self) -> Pin<Box<dyn Future<Output = DrainReport> + Send>> {
        Box::pin(self.run_until_drained())
    }

    async fn run_until_drained(self) -> DrainReport {
        let Self { addr, shutdown, shutdowns, mut watching, accepting, mut signals, shutdown_signal } = self;
        tracing::info!(%addr, "listening");
        // In a task, so that the runtime's workers accept. The caller may poll this future on a
        // thread of its own, which would have to be woken for every connection.
        let mut accepting = AbortOnDropHandle::new(shutdown.spawn_boxed(accepting));
        let signal = async {
            match shutdown_signal {
                Some(signal) => {
                    signal.await;
                    // The future may have completed for one of the signals that are watched here:
                    // that one must not count as the second, which aborts.
                    signals.discard_received().await;
                    Signal::Terminate
                }
                None => signals.recv().await,
            }
        };
        let signal = tokio::select! {
            _ = &mut accepting => None,
            () = &mut watching => None,
            signal = signal => Some(signal),
        };
        let mut is_aborted = false;
        if signal == Some(Signal::Terminate) {
            tracing::info!(%addr, "about to drain; another signal cuts off the open connections");
            tokio::select! {
                () = shutdowns.notice() => {}
                () = &mut watching => {}
                _ = signals.recv() => is_aborted = true,
            }
        }
        if is_aborted {
            shutdowns.abort();
        }
        tracing::info!(%addr, "draining; another signal cuts off the open connections");
        let report = tokio::select! {
            report = shutdowns.drain() => report,
            _ = signals.recv() => {
                shutdowns.abort();
                shutdowns.drain().await
            }
        };
        let DrainReport { clean, unclean, aborted } = report;
        tracing::info!(%addr, clean, unclean, aborted, "drained");
        report
    }
}

impl<L> fmt::Debug for BoundServer<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}
