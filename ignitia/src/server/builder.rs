#[cfg(unix)]
use std::path::PathBuf;
use std::{fmt, future::Future, net::SocketAddr, pin::Pin};

#[cfg(feature = "self-signed")]
use super::self_signed::SelfSigned;
#[cfg(feature = "tls")]
use super::tls::ServerTls;
use super::{
    acceptor::Acceptor, address::Address, bound::BoundServer, cleanup::Cleanup, config::ServerConfig,
    head_limits::HeadLimits, listener::Listener, signals::ShutdownSignal,
};
use crate::{
    error::Result,
    router::{IntoRouter, Router},
    shutdown::{DrainReport, Shutdown},
};

/// Server for a router.
///
/// HTTP/1.1 and HTTP/2 share the port, chosen by ALPN under TLS. WebSockets work over both
/// ([RFC 6455], [RFC 8441]).
///
/// SIGTERM starts a graceful shutdown. First the server gives notice:
/// [`readyz`](crate::health::readyz) answers 503, new upgrades are refused with 503, all other
/// requests are served. Then it drains: it accepts no connections, and closes every WebSocket
/// behind the messages queued for it. Ctrl-C drains at once. A second signal cuts off all
/// connections. [`DrainConfig`](crate::DrainConfig) has the times, and advice for operators.
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
pub struct Server<A = SocketAddr> {
    router: Router,
    addr: A,
    config: ServerConfig,
    #[cfg(feature = "self-signed")]
    self_signed: Option<SelfSigned>,
    shutdown_signal: Option<ShutdownSignal>,
}

impl Server {
    /// Returns a server for these routes: a [`Router`] of any state, or an [`axum::Router`]. Port 0
    /// stands for any free port: see [`bind`](Self::bind).
    pub fn new(router: impl IntoRouter, addr: SocketAddr) -> Self {
        Self::at(router, addr)
    }
}

#[cfg(unix)]
impl Server<PathBuf> {
    /// Returns a server for these routes on a Unix socket, for a reverse proxy on the same machine.
    ///
    /// The socket's file is created when the server starts, and removed when it stops accepting. A
    /// stale file, left behind by a server that was killed, is replaced. It is an error if another
    /// process listens there, or if the file is no socket.
    ///
    /// Every process that may write to the file may connect. The umask decides which may: mostly
    /// those of the same user. To admit others, such as the proxy's group, put the file into a
    /// directory that only they may enter, or bind a listener of your own, set the permissions of
    /// its file, and use [`listen`](Server::listen).
    ///
    /// Such a connection has no address: there is no [`ConnectInfo`](axum::extract::ConnectInfo),
    /// and [`Limits`](crate::limits::Limits) for each peer do not apply, unless the proxy sends the
    /// address by the [PROXY protocol](crate::ProxyProtocol).
    ///
    /// ```no_run
    /// # use ignitia::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let router = Router::new().get("/", || async { "a page" });
    /// Server::unix(router, "/run/chat/http.sock").ignitia().await
    /// # }
    /// ```
    pub fn unix(router: impl IntoRouter, path: impl Into<PathBuf>) -> Self {
        Self::at(router, path.into())
    }
}

impl<A> Server<A> {
    fn at(router: impl IntoRouter, addr: A) -> Self {
        Self {
            router: router.into_router(),
            addr,
            config: ServerConfig::default(),
            #[cfg(feature = "self-signed")]
            self_signed: None,
            shutdown_signal: None,
        }
    }

    /// Serves over TLS with a certificate generated for this host name or address, for development.
    /// It exists in memory only, and no client trusts it. A certificate in the [`ServerConfig`]
    /// takes precedence.
    ///
    /// # Errors
    ///
    /// [`Error::is_tls`](crate::Error::is_tls) if `host` is no host name or address.
    #[cfg(feature = "self-signed")]
    pub fn with_self_signed_cert(mut self, host: &str) -> Result<Self> {
        self.self_signed = Some(SelfSigned::generate(host)?);
        Ok(self)
    }

    /// Sets the configuration.
    pub fn with_server_config(mut self, config: ServerConfig) -> Self {
        self.config = config;
        self
    }

    /// Gives notice and drains when this future completes, as at SIGTERM, instead of at a signal. A
    /// signal after that cuts off all connections. Set
    /// [`DrainConfig::notice`](crate::DrainConfig::notice) to zero if no load balancer needs the
    /// notice.
    pub fn with_graceful_shutdown<F>(mut self, signal: F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.shutdown_signal = Some(Box::pin(signal));
        self
    }

    /// Returns a [`BoundServer`] for a listener of your own, such as a socket with special options,
    /// or one that the process inherited. The address given to [`new`](Server::new) is not used.
    ///
    /// ```no_run
    /// # use ignitia::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let router = Router::new();
    /// use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    ///
    /// let listener = tokio::net::UnixListener::bind("/run/chat/http.sock")?;
    /// std::fs::set_permissions("/run/chat/http.sock", Permissions::from_mode(0o660))?;
    /// Server::unix(router, "/run/chat/http.sock").listen(listener)?.ignitia().await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_route`](crate::Error::is_route) for malformed routes, duplicate routes, and
    /// route configuration without effect; [`Error::is_tls`](crate::Error::is_tls) for a
    /// certificate or key that cannot be used; [`Error::is_io`](crate::Error::is_io) if their files
    /// cannot be read, or the process cannot listen to signals.
    pub fn listen<L: Listener>(self, listener: L) -> Result<BoundServer<L>> {
        let (_, server) = self.split();
        let (acceptor, shutdown_signal) = server.prepare()?;
        BoundServer::new(acceptor, shutdown_signal, listener, Cleanup::None)
    }

    /// Serves on a listener of your own until a drain is over, as [`listen`](Self::listen) and
    /// [`BoundServer::ignitia`] do.
    ///
    /// # Errors
    ///
    /// As [`listen`](Self::listen).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting. Open connections go on without it.
    pub fn serve<L: Listener>(self, listener: L) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
        let (_, server) = self.split();
        let prepared = server.prepare();
        Box::pin(async move {
            let (acceptor, shutdown_signal) = prepared?;
            BoundServer::new(acceptor, shutdown_signal, listener, Cleanup::None)?.ignitia().await
        })
    }

    /// Takes the address out.
    fn split(self) -> (A, Server<()>) {
        let server = Server {
            router: self.router,
            addr: (),
            config: self.config,
            #[cfg(feature = "self-signed")]
            self_signed: self.self_signed,
            shutdown_signal: self.shutdown_signal,
        };
        (self.addr, server)
    }
}

// Not generic, so that programs do not compile it again.
impl Server<()> {
    /// Checks the routes and the certificate, and returns all that is needed to serve, beside a
    /// listener.
    fn prepare(self) -> Result<(Acceptor, Option<ShutdownSignal>)> {
        let config = self.config;
        let head_limits = HeadLimits::from(&config);
        let mut acceptor = Acceptor::new(self.router, || Shutdown::with_config(config.drain))?;
        let http = &mut acceptor.connections.http;
        http.router.head_limits = head_limits;
        http.header_read_timeout = config.header_read_timeout;
        http.keep_alive_timeout = config.keep_alive_timeout;
        acceptor.proxy_protocol = config.proxy_protocol;
        #[cfg(feature = "tls")]
        {
            acceptor.tls = config.tls.as_ref().map(ServerTls::new).transpose()?;
            #[cfg(feature = "self-signed")]
            if let (None, Some(SelfSigned { cert, key })) = (&acceptor.tls, self.self_signed) {
                acceptor.tls = Some(ServerTls::with_certificate(cert, key)?);
            }
        }
        Ok((acceptor, self.shutdown_signal))
    }
}

impl<A: Address> Server<A> {
    /// Serves until a drain is over.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
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
    /// As [`bind`](Self::bind).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting. Open connections go on without it.
    pub async fn run(self) -> Result<DrainReport> {
        let (addr, server) = self.split();
        let (acceptor, shutdown_signal) = server.prepare()?;
        addr.run(acceptor, shutdown_signal).await
    }

    /// Binds the address, without serving yet. Use it to learn the port, and to find every mistake
    /// at the start.
    ///
    /// # Errors
    ///
    /// As [`listen`](Self::listen); also [`Error::is_io`](crate::Error::is_io) if the address
    /// cannot be bound.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn bind(self) -> Result<BoundServer<A::Listener>> {
        let (addr, server) = self.split();
        let (acceptor, shutdown_signal) = server.prepare()?;
        let (listener, cleanup) = addr.bind().await?;
        BoundServer::new(acceptor, shutdown_signal, listener, cleanup)
    }
}

impl<A: fmt::Debug> fmt::Debug for Server<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("router", &self.router)
            .field("addr", &self.addr)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
