use std::time::Duration;

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
    /// How long a client may take to send the head of a request. Default 10 s.
    pub header_read_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            #[cfg(feature = "tls")]
            tls: None,
            drain: DrainConfig::default(),
            header_read_timeout: Duration::from_secs(10),
        }
    }
}
