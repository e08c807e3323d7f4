use std::{fmt, path::PathBuf, time::Duration};

use super::{files::TlsFiles, version::TlsVersion};

/// TLS configuration: a certificate and its private key, in memory or in files, and the protocol.
///
/// ```no_run
/// use ignitia::{TlsVersion, prelude::*};
///
/// # fn main() -> Result<()> {
/// // The PEM itself.
/// let tls = TlsConfig {
///     cert: std::fs::read("fullchain.pem")?,
///     key: std::fs::read("privkey.pem")?,
///     ..Default::default()
/// };
/// // Files that are renewed, for instance by certbot.
/// let tls = TlsConfig {
///     min_version: TlsVersion::V1_3,
///     ..TlsConfig::from_files(
///         "/etc/letsencrypt/live/example.com/fullchain.pem",
///         "/etc/letsencrypt/live/example.com/privkey.pem",
///     )
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TlsConfig {
    /// The certificate chain in PEM, the server's own certificate first.
    pub cert: Vec<u8>,
    /// The private key in PEM: PKCS#8, PKCS#1 or SEC1.
    pub key: Vec<u8>,
    /// Files with the chain and the key, used instead of `cert` and `key`. They are read at the
    /// start, and again after a change. Default `None`.
    pub files: Option<TlsFiles>,
    /// Timeout of the TLS handshake. Default 10 s.
    pub handshake_timeout: Duration,
    /// The oldest version of TLS that is accepted. Default [`TlsVersion::V1_2`].
    pub min_version: TlsVersion,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            cert: Vec::new(),
            key: Vec::new(),
            files: None,
            handshake_timeout: Duration::from_secs(10),
            min_version: TlsVersion::default(),
        }
    }
}

impl TlsConfig {
    /// Returns a configuration with the certificate chain and the key in these files.
    ///
    /// They are checked for changes every minute, and used from then on. A changed pair that cannot
    /// be used is logged, and the old one stays. See [`TlsFiles`]. Nothing is read before the
    /// server starts.
    pub fn from_files(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { files: Some(TlsFiles::new(cert, key)), ..Self::default() }
    }
}

/// Hides the key, which must not reach a log.
impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig")
            .field("cert", &format_args!("{} bytes", self.cert.len()))
            .field("key", &format_args!("(hidden)"))
            .field("files", &self.files)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("min_version", &self.min_version)
            .finish()
    }
}
