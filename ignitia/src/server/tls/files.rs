use std::{path::PathBuf, time::Duration};

/// Files with a certificate chain and its private key, checked for changes while the server runs:
/// [`TlsConfig::from_files`](crate::TlsConfig::from_files).
///
/// A change is one of their contents, so redirected links, as certbot and Kubernetes use them,
/// count too. The two files need not be replaced together: a pair that does not match is not used,
/// and checked again after the next change.
///
/// ```
/// use std::time::Duration;
/// use ignitia::{TlsConfig, TlsFiles};
///
/// let files = TlsFiles::new("cert.pem", "key.pem").check_interval(Duration::from_secs(3600));
/// let tls = TlsConfig { files: Some(files), ..Default::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificate chain in PEM, the server's own certificate first.
    pub cert: PathBuf,
    /// The private key in PEM: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// Interval between checks while the server runs; [`Duration::MAX`] is never. Default 60 s.
    pub check_interval: Duration,
}

setters!(TlsFiles { check_interval: Duration });

impl TlsFiles {
    /// Returns these files, checked every minute.
    pub fn new(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { cert: cert.into(), key: key.into(), check_interval: Duration::from_secs(60) }
    }
}
