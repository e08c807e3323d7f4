use std::time::Duration;

#[cfg(not(feature = "tls"))]
use super::no_tls::TlsConfig;
use super::proxy_protocol::ProxyProtocol;
#[cfg(feature = "tls")]
use super::tls::TlsConfig;
use crate::shutdown::DrainConfig;

/// Configuration of a [`Server`](super::Server).
///
/// ```no_run
/// use ignitia::prelude::*;
///
/// # fn main() -> Result<()> {
/// let config = ServerConfig {
///     tls: Some(TlsConfig::from_files("fullchain.pem", "privkey.pem")),
///     ..Default::default()
/// };
/// let server = Server::new(Router::new(), "0.0.0.0:443".parse()?).with_server_config(config);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// TLS with this certificate. Default `None`: no TLS, or the certificate of
    /// `Server::with_self_signed_cert`. Without the feature `tls` it can only be `None`.
    pub tls: Option<TlsConfig>,
    /// Configuration of the graceful shutdown. Not used if the router has a
    /// [`Shutdown`](crate::Shutdown) of its own.
    pub drain: DrainConfig,
    /// Time that a client has for the head of a request: the first one from the connection on,
    /// later ones from their first byte on. A connection that takes longer is closed. Default 10 s.
    pub header_read_timeout: Duration,
    /// Maximum size of the head of a request, in bytes of HTTP/1.1: the request line and all
    /// headers.
    ///
    /// A larger one is answered with 431, and takes at most twice this memory. HTTP/2 counts 32
    /// bytes more for each header, and announces the same number (`SETTINGS_MAX_HEADER_LIST_SIZE`).
    /// A handler keeps at most this size of a head. Default 64 KiB, at least 8 KiB.
    pub max_head_bytes: usize,
    /// Maximum number of header lines of a request; more are answered with 431. Over HTTP/2 all
    /// cookies count as one line. Default 100.
    pub max_headers: usize,
    /// Time for which a connection stays open between requests (HTTP keep-alive); over HTTP/2,
    /// while no stream is open. Then it is closed, over HTTP/2 with GOAWAY. A request under way and
    /// a WebSocket have timeouts of their own. Default 75 s.
    ///
    /// Set it to more than the keep-alive time of a load balancer in front: otherwise a request
    /// that the balancer sends at the moment of the close fails with 502. By default nginx and
    /// AWS's balancers keep connections for 60 s, Google's for 600 s, Envoy for an hour.
    pub keep_alive_timeout: Duration,
    /// PROXY protocol, by which proxies tell the addresses of their clients. Default `None`: a
    /// connection begins with TLS or HTTP.
    pub proxy_protocol: Option<ProxyProtocol>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            tls: None,
            drain: DrainConfig::default(),
            header_read_timeout: Duration::from_secs(10),
            max_head_bytes: 64 << 10,
            max_headers: 100,
            keep_alive_timeout: Duration::from_secs(75),
            proxy_protocol: None,
        }
    }
}
