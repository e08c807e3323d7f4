use std::{
    fmt,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
};

use tokio::net::TcpListener;

#[cfg(feature = "tls")]
use super::TlsReloader;
use super::{
    Prepared,
    accept::Acceptor,
    address::Place,
    drain::Shutdowns,
    listener::Listener,
    signals::{Signal, Signals},
};
use crate::{
    error::Result,
    shutdown::{DrainReport, Shutdown},
    sync::AbortOnDropHandle,
};

/// A [`Server`](super::Server) that listens already.
#[must_use]
pub struct BoundServer<L = TcpListener> {
    /// The address, as it is logged.
    addr: String,
    listener: L,
    place: Place,
    acceptor: Acceptor,
    signals: Signals,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Prepared {
    pub(super) fn listen<L: Listener>(self, listener: L, place: Place) -> Result<BoundServer<L>> {
        let Self { acceptor, graceful } = self;
        let (addr, signals) = (listener.named()?, Signals::new()?);
        Ok(BoundServer { addr, listener, place, acceptor, signals, graceful })
    }
}

impl BoundServer {
    /// The address that it listens on.
    ///
    /// # Panics
    ///
    /// If the kernel does not say any more, which it has said when the socket was bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr().expect("a bound socket has an address")
    }
}

impl<L: Listener> BoundServer<L> {
    /// The handle that drains it.
    pub fn shutdown(&self) -> Shutdown {
        self.acceptor.shutdown.clone()
    }

    /// The handle that replaces the certificate, if there is one: its own or self-signed.
    #[cfg(feature = "tls")]
    pub fn tls_reloader(&self) -> Option<TlsReloader> {
        self.acceptor.tls.as_ref().map(|tls| tls.reloader.clone())
    }

    /// Serves until a drain is over; returns when no connection is left.
    ///
    /// # Errors
    ///
    /// None at present: whatever goes wrong with one connection is logged and leaves the others alone.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub async fn ignitia(self) -> Result<()> {
        self.run().await.map(drop)
    }

    /// As [`ignitia`](Self::ignitia), and says how many WebSockets the drain closed, cleanly or not, and how many it cut off.
    ///
    /// # Errors
    ///
    /// As [`ignitia`](Self::ignitia).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub async fn run(self) -> Result<DrainReport> {
        let Self { addr, listener, place, acceptor, mut signals, graceful } = self;
        let shutdowns = Shutdowns::of(&acceptor);
        tracing::info!(%addr, "listening");
        let mut watching = pin!(acceptor.watch());
        // In a task, so that the runtime's workers accept: whoever polls this may be a thread of its own, which would have to
        // be woken for every connection.
        let mut accepting =
            AbortOnDropHandle::new(acceptor.shutdown.clone().spawn(acceptor.run(listener, place)));
        let told = async {
            match graceful {
                Some(graceful) => {
                    graceful.await;
                    // The same signal may have completed it.
                    signals.forget().await;
                    Signal::Terminate
                }
                None => signals.recv().await,
            }
        };
        let told = tokio::select! {
            _ = &mut accepting => None,
            () = &mut watching => None,
            signal = told => Some(signal),
        };
        let mut is_hurried = false;
        if told == Some(Signal::Terminate) {
            tracing::info!(%addr, "about to drain; another signal cuts off what is open");
            tokio::select! {
                () = shutdowns.notice() => {}
                () = &mut watching => {}
                _ = signals.recv() => is_hurried = true,
            }
        }
        if is_hurried {
            shutdowns.abort();
        }
        tracing::info!(%addr, "draining; another signal cuts off what is open");
        let report = tokio::select! {
            report = shutdowns.drain() => report,
            _ = signals.recv() => {
                shutdowns.abort();
                shutdowns.drain().await
            }
        };
        let DrainReport { clean, unclean, aborted } = report;
        tracing::info!(%addr, clean, unclean, aborted, "drained");
        Ok(report)
    }
}

impl<L> fmt::Debug for BoundServer<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}
