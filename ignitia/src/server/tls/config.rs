use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use tokio_rustls::rustls::{
    SupportedProtocolVersion,
    version::{TLS12, TLS13},
};

use super::{
    files::{TlsFiles, Watch},
    pem::{self, Part, Pem},
    reload::TlsReloader,
};
use crate::error::Result;

/// A certificate and its private key, in memory or in files, and how TLS is spoken.
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
/// // Files that somebody renews: certbot, for instance.
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
    /// Files with the chain and the key, which are used instead of `cert` and `key`: read at the start, and again when
    /// they have changed. Default `None`.
    pub files: Option<TlsFiles>,
    /// How long the TLS handshake may take. Default 10 s.
    pub handshake_timeout: Duration,
    /// The oldest version of TLS that is spoken; clients that know older ones only are turned away. Default
    /// [`TlsVersion::V1_2`].
    pub min_version: TlsVersion,
}

/// A version of TLS. Older ones are not safe (RFC 8996), and cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2: RFC 5246.
    #[default]
    V1_2,
    /// TLS 1.3: RFC 8446.
    V1_3,
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
    /// The certificate chain and the key in these files. They are looked at again every minute, and what has changed is
    /// used from then on; a pair that cannot be used is logged, and the one before it stays. See [`TlsFiles`].
    ///
    /// Nothing is read before the server starts.
    pub fn from_files(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { files: Some(TlsFiles::new(cert, key)), ..Self::default() }
    }

    /// Reads the certificate and the key, and checks that they belong together.
    pub(in crate::server) fn set_up(&self) -> Result<Tls> {
        let set_up = |pem: &Pem<'_>| TlsReloader::new(pem, pem::provider(), self.min_version.and_newer());
        let (reloader, watch) = match self.files.clone() {
            Some(files) => {
                let (reloader, watch) = Watch::begin(files, set_up)?;
                (reloader, Some(Arc::new(watch)))
            }
            None => {
                let pem = Pem {
                    cert: Part { text: &self.cert, name: "`TlsConfig::cert`", is_file: false },
                    key: Part { text: &self.key, name: "`TlsConfig::key`", is_file: false },
                };
                (set_up(&pem)?, None)
            }
        };
        Ok(Tls { reloader, handshake_timeout: self.handshake_timeout, watch })
    }
}

impl TlsVersion {
    fn and_newer(self) -> &'static [&'static SupportedProtocolVersion] {
        static FROM_1_2: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        static FROM_1_3: [&SupportedProtocolVersion; 1] = [&TLS13];
        match self {
            Self::V1_2 => &FROM_1_2,
            Self::V1_3 => &FROM_1_3,
        }
    }
}

/// The key never reaches a log.
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

/// What turns TCP streams into TLS streams.
#[derive(Debug, Clone)]
pub(in crate::server) struct Tls {
    pub(in crate::server) reloader: TlsReloader,
    pub(in crate::server) handshake_timeout: Duration,
    watch: Option<Arc<Watch>>,
}

impl Tls {
    /// Follows the files, if there are any.
    pub(in crate::server) async fn watch(self) {
        if let Some(watch) = self.watch {
            watch.run(&self.reloader).await;
        }
    }
}
