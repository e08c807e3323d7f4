use std::{sync::Arc, time::Duration};

use super::{
    config::TlsConfig,
    file_watcher::FileWatcher,
    pem::{self, PemPair, PemText},
    reloader::TlsReloader,
};
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
        let new_reloader =
            |pem: &PemPair<'_>| TlsReloader::new(pem, pem::provider(), config.min_version.and_newer());
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

    /// Watches the files, if there are any, and replaces the certificate after a change.
    pub(in crate::server) async fn watch_files(self) {
        if let Some(watcher) = self.watcher {
            watcher.run(&self.reloader).await;
        }
    }
}
