//! A server of our own: HTTP/1.1 and HTTP/2 on one port, TLS, and a drain at the end.

mod accept;
mod activity;
mod config;
mod drain;
mod heads;
mod http2;
mod request_head;
#[cfg(feature = "self-signed")]
mod self_signed;
mod signals;
mod switching;
mod timer;
#[cfg(feature = "tls")]
mod tls;

use std::{
    fmt,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
};

use tokio::net::TcpListener;

pub(crate) use self::accept::Acceptor;
pub use self::config::ServerConfig;
#[cfg(feature = "tls")]
pub use self::tls::{TlsConfig, TlsFiles, TlsReloader, TlsVersion};
use self::{
    drain::Shutdowns,
    request_head::HeadLimits,
    signals::{Signal, Signals},
};
use crate::{
    error::{Error, Result},
    router::{IntoRouter, Router},
    shutdown::{DrainReport, Shutdown},
    sync::AbortOnDropHandle,
};

/// Serves a router.
///
/// HTTP/1.1 and HTTP/2 share the port, chosen by ALPN under TLS; WebSockets go over both ([RFC 6455], [RFC 8441]). SIGTERM gives
/// notice ([`health::readyz`](crate::health::readyz) answers 503, new upgrades are refused with 503, everything else is served) and then
/// drains: no new connections, every WebSocket closed behind what is queued for it. Ctrl-C drains at once. A second signal cuts
/// everything off. The times, and what an operator has to know of them, are in [`DrainConfig`](crate::DrainConfig).
///
/// [RFC 6455]: https://www.rfc-editor.org/rfc/rfc6455
/// [RFC 8441]: https://www.rfc-editor.org/rfc/rfc8441
///
/// ```no_run
/// use ignitia::prelude::*;
///
/// async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
///     while let Some(Message::Text(text)) = ws.recv().await {
///         ws.send_text(text).await?;
///     }
///     Ok(Response::ok())
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<()> {
///     let router = Router::new().websocket("/ws", echo);
///     Server::new(router, "127.0.0.1:3000".parse()?).ignitia().await
/// }
/// ```
#[must_use]
pub struct Server {
    router: Router,
    addr: SocketAddr,
    config: ServerConfig,
    #[cfg(feature = "self-signed")]
    self_signed: Option<TlsConfig>,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Server {
    /// A server for these routes: a [`Router`] of any state, or an [`axum::Router`]. Port 0 is any free one: see
    /// [`bind`](Self::bind).
    pub fn new(router: impl IntoRouter, addr: SocketAddr) -> Self {
        Self {
            router: router.into_router(),
            addr,
            config: ServerConfig::default(),
            #[cfg(feature = "self-signed")]
            self_signed: None,
            graceful: None,
        }
    }

    /// Serves over TLS with a certificate made on the spot for this host name or address: for development. It lives
    /// in memory only, and no client trusts it. A certificate in the [`ServerConfig`] goes before it.
    ///
    /// # Errors
    ///
    /// [`Error::is_tls`] if `host` is no host name or address.
    #[cfg(feature = "self-signed")]
    pub fn with_self_signed_cert(mut self, host: &str) -> Result<Self> {
        self.self_signed = Some(self_signed::certify(host)?);
        Ok(self)
    }

    /// Sets everything else.
    pub fn with_server_config(mut self, config: ServerConfig) -> Self {
        self.config = config;
        self
    }

    /// Gives notice and drains when this future completes, as at SIGTERM, instead of at signals: those that come later cut off what is
    /// open. Set [`DrainConfig::notice`](crate::DrainConfig::notice) to zero where nobody has to be told before.
    pub fn with_graceful_shutdown<F>(mut self, signal: F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.graceful = Some(Box::pin(signal));
        self
    }

    /// Serves until a drain is over.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub async fn ignitia(self) -> Result<()> {
        self.bind().await?.ignitia().await
    }

    /// As [`ignitia`](Self::ignitia), and says how many WebSockets the drain closed, cleanly or not, and how many it cut off.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub async fn run(self) -> Result<DrainReport> {
        self.bind().await?.run().await
    }

    /// Listens, and serves only once told to: the way to learn the port, and to find every mistake at the start.
    ///
    /// # Errors
    ///
    /// [`Error::is_route`] for malformed routes, routes given twice and configuration of theirs that is in vain, [`Error::is_tls`] for a certificate or key
    /// that cannot be used, [`Error::is_io`] if their files cannot be read or the address cannot be listened on.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn bind(self) -> Result<BoundServer> {
        let addr = self.addr;
        let acceptor = Prepared::new(self)?;
        let listener = TcpListener::bind(addr)
            .await
            .map_err(|error| Error::io(format!("cannot listen on {addr}"), error))?;
        acceptor.listen(listener)
    }

    /// Serves on a listener of your own until a drain is over; the address given to [`new`](Self::new) is not used.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub async fn serve(self, listener: TcpListener) -> Result<()> {
        Prepared::new(self)?.listen(listener)?.ignitia().await
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("router", &self.router)
            .field("addr", &self.addr)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// A server whose routes and certificate have been found good.
struct Prepared {
    acceptor: Acceptor,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Prepared {
    fn new(server: Server) -> Result<Self> {
        let config = server.config;
        let head = HeadLimits::from(&config);
        let mut acceptor = Acceptor::new(server.router, || Shutdown::with_config(config.drain))?;
        acceptor.header_read_timeout = config.header_read_timeout;
        acceptor.head = head;
        acceptor.keep_alive_timeout = config.keep_alive_timeout;
        #[cfg(feature = "tls")]
        {
            let given = config.tls.as_ref();
            #[cfg(feature = "self-signed")]
            let given = given.or(server.self_signed.as_ref());
            acceptor.tls = given.map(TlsConfig::set_up).transpose()?;
        }
        Ok(Self { acceptor, graceful: server.graceful })
    }

    fn listen(self, listener: TcpListener) -> Result<BoundServer> {
        let addr = listener.local_addr()?;
        let signals = Signals::new()?;
        Ok(BoundServer { addr, listener, acceptor: self.acceptor, signals, graceful: self.graceful })
    }
}

/// A [`Server`] that listens already.
#[must_use]
pub struct BoundServer {
    addr: SocketAddr,
    listener: TcpListener,
    acceptor: Acceptor,
    signals: Signals,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl BoundServer {
    /// The address that it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

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
        let Self { addr, listener, acceptor, mut signals, graceful } = self;
        let shutdowns = Shutdowns::of(&acceptor);
        tracing::info!(%addr, "listening");
        let mut watching = pin!(acceptor.watch());
        // In a task, so that the runtime's workers accept: whoever polls this may be a thread of its own, which would have to
        // be woken for every connection.
        let mut accepting = AbortOnDropHandle::new(acceptor.shutdown.clone().spawn(acceptor.run(listener)));
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

impl fmt::Debug for BoundServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundServer").field("addr", &self.addr).finish_non_exhaustive()
    }
}
