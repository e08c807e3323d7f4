use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    pem::{Part, Pem},
    reload::TlsReloader,
};
use crate::error::{Error, Result};

/// Files that hold a certificate chain and its private key, and are looked at again and again:
/// [`TlsConfig::from_files`](crate::TlsConfig::from_files).
///
/// It is their contents that count, so links that are pointed elsewhere, as certbot and Kubernetes do it, count as a change
/// too. Whoever writes the two one after the other needs no care: a pair that does not belong together is not used, and
/// looked at again when it has changed once more.
///
/// ```
/// use std::time::Duration;
/// use ignitia::{TlsConfig, TlsFiles};
///
/// let files = TlsFiles { check_interval: Duration::from_secs(3600), ..TlsFiles::new("cert.pem", "key.pem") };
/// let tls = TlsConfig { files: Some(files), ..Default::default() };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain in PEM, the server's own certificate first.
    pub cert: PathBuf,
    /// The private key in PEM: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// How often they are looked at while the server runs; [`Duration::MAX`] is never. Default 60 s.
    pub check_interval: Duration,
}

impl TlsFiles {
    /// These files, looked at every minute.
    pub fn new(cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { cert: cert.into(), key: key.into(), check_interval: Duration::from_secs(60) }
    }

    /// What stands in them.
    fn read(&self) -> Result<Contents> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| Error::io(format!("cannot read `{}`", path.display()), error))
        };
        Ok(Contents { cert: read(&self.cert)?, key: read(&self.key)? })
    }
}

struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Contents {
    /// What tells them from others: the key itself is not kept for that.
    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.cert, &self.key).hash(&mut hasher);
        hasher.finish()
    }
}

/// Looks at the files while a server runs.
#[derive(Debug)]
pub(super) struct Watch {
    files: TlsFiles,
    /// What stood in them at the start.
    first: Found,
}

/// What was found, whether it could be used or not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Contents(u64),
    /// They could not be read, for this reason.
    Nothing(String),
}

impl Watch {
    /// Reads the files for the first time and sets TLS up with them.
    pub(super) fn begin(
        files: TlsFiles,
        set_up: impl FnOnce(&Pem<'_>) -> Result<TlsReloader>,
    ) -> Result<(TlsReloader, Self)> {
        let contents = files.read()?;
        let reloader = with_pem(&files, &contents, set_up)?;
        let first = Found::Contents(contents.fingerprint());
        Ok((reloader, Self { files, first }))
    }

    /// Replaces the certificate whenever the files have changed. Never completes.
    pub(super) async fn run(&self, reloader: &TlsReloader) {
        let mut last = self.first.clone();
        loop {
            tokio::time::sleep(self.files.check_interval).await;
            let files = self.files.clone();
            // The disk may be slow, or far away.
            let Ok(read) = tokio::task::spawn_blocking(move || files.read()).await else { continue };
            let found = match &read {
                Ok(contents) => Found::Contents(contents.fingerprint()),
                Err(error) => Found::Nothing(error.to_string()),
            };
            // Nothing is tried, or complained about, twice.
            if found == last {
                continue;
            }
            last = found;
            match read {
                // Whether it is used or not is logged there.
                Ok(contents) => drop(with_pem(&self.files, &contents, |pem| reloader.replace(pem))),
                Err(error) => {
                    tracing::error!(%error, "the TLS certificate was not replaced: the old one stays")
                }
            }
        }
    }
}

/// The contents under the names of their files.
fn with_pem<T>(files: &TlsFiles, contents: &Contents, then: impl FnOnce(&Pem<'_>) -> T) -> T {
    let [cert, key] = [&files.cert, &files.key].map(|path| format!("`{}`", path.display()));
    then(&Pem {
        cert: Part { text: &contents.cert, name: &cert, is_file: true },
        key: Part { text: &contents.key, name: &key, is_file: true },
    })
}
