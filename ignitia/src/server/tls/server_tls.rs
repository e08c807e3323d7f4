use std::{sync::Arc, time::Duration};

#[cfg(feature = "self-signed")]
use tokio_rustls::rustls::{
    pki_types::{CertificateDer, PrivateKeyDer},
    sign::CertifiedKey,
};

use super::{
    config::TlsConfig,
    file_watcher::FileWatcher,
    pem::{self, PemPair, PemText},
    reloader::TlsReloader,
};
#[cfg(feature = "self-signed")]
use crate::error::Error;
use crate::error::Result;

/// TLS of a server: the certificate in use, and the files that it came from, if any.
#[derive(Debug, Clone)]
pub(in crate::server) struct ServerTls {
    pub(in crate::server) reloader: TlsReloader,
    pub(in crate::server) handshake_timeout: Duration,
    watcher: Option<Arc<FileWatcher>>,
}

impl ServerTls {
    /// Reads the certificate and the key, and checks that they belong together.
    pub(in crate::server) fn new(config: &TlsConfig) -> Result<Self> {
        let provider = pem::provider();
        let new_reloader = |pem: &PemPair<'_>| {
            TlsReloader::new(pem.identity(&provider)?, provider.clone(), config.min_version.and_newer())
        };
        let (reloader, watcher) = match config.files.clone() {
            Some(files) => {
                let (reloader, watcher) = FileWatcher::new(files, new_reloader)?;
                (reloader, Some(Arc::new(watcher)))
            }
            None => {
                let pem = PemPair {
                    cert: PemText { text: &config.cert, name: "`TlsConfig::cert`", is_file: false },
                    key: PemText { text: &config.key, name: "`TlsConfig::key`", is_file: false },
                };
                (new_reloader(&pem)?, None)
            }
        };
        Ok(Self { reloader, handshake_timeout: config.handshake_timeout, watcher })
    }

    /// Uses a certificate and its key, with the defaults of [`TlsConfig`].
    #[cfg(feature = "self-signed")]
    pub(in crate::server) fn with_certificate(
        cert: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self> {
        let TlsConfig { handshake_timeout, min_version, .. } = TlsConfig::default();
        let provider = pem::provider();
        let identity = CertifiedKey::from_der(vec![cert], key, &provider)
            .map_err(|error| Error::tls("the generated certificate cannot be used", Some(error.into())))?;
        let reloader = TlsReloader::new(Arc::new(identity), provider, min_version.and_newer())?;
        Ok(Self { reloader, handshake_timeout, watcher: None })
    }

    /// Watches the files, if there are any, and replaces the certificate after a change.
    pub(in crate::server) async fn watch_files(self) {
        if let Some(watcher) = self.watcher {
            watcher.run(&self.reloader).await;
        }
    }
}
