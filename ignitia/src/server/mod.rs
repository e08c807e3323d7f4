//! A server of our own: HTTP/1.1 and HTTP/2 on one port, TLS, and a drain at the end.

mod accept;
mod activity;
mod address;
mod bound;
mod config;
mod drain;
mod heads;
mod http2;
mod listener;
mod proxy_protocol;
mod request_head;
#[cfg(feature = "self-signed")]
mod self_signed;
mod signals;
#[cfg(unix)]
mod socket_file;
mod timer;
#[cfg(feature = "tls")]
mod tls;
mod upgrades;

#[cfg(unix)]
use std::path::PathBuf;
use std::{fmt, future::Future, net::SocketAddr, pin::Pin};

pub(crate) use self::accept::Acceptor;
#[cfg(feature = "testing")]
pub(crate) use self::listener::Source;
#[cfg(feature = "tls")]
pub use self::tls::{TlsConfig, TlsFiles, TlsReloader, TlsVersion};
use self::{
    address::{Address, Place},
    request_head::HeadLimits,
};
pub use self::{bound::BoundServer, config::ServerConfig, listener::Listener, proxy_protocol::ProxyProtocol};
use crate::{
    error::Result,
    router::{IntoRouter, Router},
    shutdown::{DrainReport, Shutdown},
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
pub struct Server<A = SocketAddr> {
    router: Router,
    addr: A,
    config: ServerConfig,
    #[cfg(feature = "self-signed")]
    self_signed: Option<TlsConfig>,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Server {
    /// A server for these routes: a [`Router`] of any state, or an [`axum::Router`]. Port 0 is any free one: see
    /// [`bind`](Self::bind).
    pub fn new(router: impl IntoRouter, addr: SocketAddr) -> Self {
        Self::at(router, addr)
    }
}

#[cfg(unix)]
impl Server<PathBuf> {
    /// A server for these routes on a Unix socket, for a reverse proxy on the same machine.
    ///
    /// The socket's file is made when the server starts, and removed when it accepts no more. One that a server has left behind that did
    /// not come to a proper end is replaced; if somebody listens there, or the file is no socket, that is an error.
    ///
    /// Whoever may write to the file may connect, and who may is decided by the process's umask: mostly its own user. To let others in,
    /// such as the proxy's group, put the file into a directory that only they may enter, or bind a listener of your own, set its file's
    /// permissions, and use [`listen`](Server::listen).
    ///
    /// Such a connection has no address: there is no [`ConnectInfo`](axum::extract::ConnectInfo), and
    /// [`Limits`](crate::limits::Limits) for each peer are not kept, unless the proxy tells by the
    /// [PROXY protocol](crate::ProxyProtocol).
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
            graceful: None,
        }
    }

    /// Serves over TLS with a certificate made on the spot for this host name or address: for development. It lives
    /// in memory only, and no client trusts it. A certificate in the [`ServerConfig`] goes before it.
    ///
    /// # Errors
    ///
    /// [`Error::is_tls`](crate::Error::is_tls) if `host` is no host name or address.
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

    /// Gets ready to serve on a listener of your own; the address given to [`new`](Server::new) is not used. The way to a socket with
    /// options of its own, or to one that was handed to the process, and to what a [`BoundServer`] can do.
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
    /// [`Error::is_route`](crate::Error::is_route) for malformed routes, routes given twice and configuration of theirs that is in vain,
    /// [`Error::is_tls`](crate::Error::is_tls) for a certificate or key that cannot be used,
    /// [`Error::is_io`](crate::Error::is_io) if their files cannot be read, or the process cannot listen to signals.
    pub fn listen<L: Listener>(self, listener: L) -> Result<BoundServer<L>> {
        let (_, prepared) = self.prepare()?;
        prepared.listen(listener, Place::Plain)
    }

    /// Serves on a listener of your own until a drain is over, as [`listen`](Self::listen) and [`BoundServer::ignitia`] do.
    ///
    /// # Errors
    ///
    /// As [`listen`](Self::listen).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it stops accepting; open connections go on without it.
    pub fn serve<L: Listener>(self, listener: L) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
        let prepared = self.prepare().map(|(_, prepared)| prepared);
        Box::pin(async move { prepared?.listen(listener, Place::Plain)?.ignitia().await })
    }

    /// Finds out whether routes and certificate are good.
    fn prepare(self) -> Result<(A, Prepared)> {
        let config = self.config;
        let head = HeadLimits::from(&config);
        let mut acceptor = Acceptor::new(self.router, || Shutdown::with_config(config.drain))?;
        acceptor.head = head;
        acceptor.header_read_timeout = config.header_read_timeout;
        acceptor.keep_alive_timeout = config.keep_alive_timeout;
        acceptor.proxy_protocol = config.proxy_protocol.map(Into::into);
        #[cfg(feature = "tls")]
        {
            let given = config.tls.as_ref();
            #[cfg(feature = "self-signed")]
            let given = given.or(self.self_signed.as_ref());
            acceptor.tls = given.map(TlsConfig::set_up).transpose()?;
        }
        Ok((self.addr, Prepared { acceptor, graceful: self.graceful }))
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
    /// As [`listen`](Self::listen); [`Error::is_io`](crate::Error::is_io) also if the address cannot be listened on.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe.
    pub async fn bind(self) -> Result<BoundServer<A::Listener>> {
        let (addr, prepared) = self.prepare()?;
        let (listener, place) = addr.bind().await?;
        prepared.listen(listener, place)
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

/// A server whose routes and certificate have been found good.
struct Prepared {
    acceptor: Acceptor,
    graceful: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}
