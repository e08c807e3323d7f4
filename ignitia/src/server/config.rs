use std::time::Duration;

use super::ProxyProtocol;
#[cfg(feature = "tls")]
use super::TlsConfig;
use crate::shutdown::DrainConfig;

/// What a [`Server`](super::Server) can be told.
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
    /// Serve over TLS, with this certificate. Default `None`: plain, or self-signed if the server was told so.
    #[cfg(feature = "tls")]
    pub tls: Option<TlsConfig>,
    /// How the end goes. Not used where the router was given a [`Shutdown`](crate::Shutdown) of its own.
    pub drain: DrainConfig,
    /// The time that a client has for the head of a request: the first one from the connection on, later ones from their first
    /// byte on. A connection that takes longer is closed. Default 10 s.
    pub header_read_timeout: Duration,
    /// The largest head of a request, in bytes of HTTP/1.1: the request line and all headers. A larger one is answered with
    /// 431, and costs no more memory than twice this. HTTP/2 counts 32 bytes more for each header, and is told the same
    /// number (`SETTINGS_MAX_HEADER_LIST_SIZE`). What a handler keeps of a head is at most this. Default 64 KiB, the least is
    /// 8 KiB.
    pub max_head_bytes: usize,
    /// The number of header lines of a request; more are answered with 431. Over HTTP/2 the cookies are one of them, however
    /// many lines they came in. Default 100.
    pub max_headers: usize,
    /// The time for which a connection is kept open between requests (HTTP keep-alive); over HTTP/2, while no stream is open. Then it
    /// is closed, over HTTP/2 with GOAWAY. A request that is being answered and a WebSocket have clocks of their own. Default 75 s.
    ///
    /// Let it be longer than a load balancer keeps its own connections, or requests that it sends at the moment of the close come
    /// back as 502: nginx and AWS's balancers keep them for 60 s, Google's for 600 s, Envoy for an hour, unless they are told otherwise.
    pub keep_alive_timeout: Duration,
    /// Lets proxies say whom they speak for, before anything else on a connection. Default `None`: nothing but TLS or HTTP.
    pub proxy_protocol: Option<ProxyProtocol>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            #[cfg(feature = "tls")]
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
