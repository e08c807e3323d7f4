use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use super::{
    files::TlsFiles,
    pem::{PemPair, PemText},
    reloader::TlsReloader,
};
use crate::error::{Error, Result};

/// Watches the files of a certificate while a server runs.
#[derive(Debug)]
pub(super) struct FileWatcher {
    files: TlsFiles,
    /// State of the files at the start.
    first: FilesState,
}

/// State of the files, usable or not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FilesState {
    /// Fingerprint of their contents: the key itself is not kept for the comparison.
    Read(u64),
    /// Reason why they could not be read.
    Unreadable(String),
}

/// Contents of the files.
struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl FileWatcher {
    /// Reads the files for the first time, and creates the reloader with them.
    pub(super) fn new(
        files: TlsFiles,
        new_reloader: impl FnOnce(&PemPair<'_>) -> Result<TlsReloader>,
    ) -> Result<(TlsReloader, Self)> {
        let contents = Contents::read(&files)?;
        let reloader = contents.with_pem(&files, new_reloader)?;
        let first = contents.state();
        Ok((reloader, Self { files, first }))
    }

    /// Replaces the certificate after every change of the files. Never completes.
    pub(super) async fn run(&self, reloader: &TlsReloader) {
        let mut last = self.first.clone();
        loop {
            tokio::time::sleep(self.files.check_interval).await;
            let files = self.files.clone();
            // The disk may be slow, or a network away.
            let Ok(read) = tokio::task::spawn_blocking(move || Contents::read(&files)).await else {
                continue;
            };
            let state = match &read {
                Ok(contents) => contents.state(),
                Err(error) => FilesState::Unreadable(error.to_string()),
            };
            // Contents are tried, and errors logged, only once.
            if state == last {
                continue;
            }
            last = state;
            match read {
                // The reloader logs the outcome.
                Ok(contents) => drop(contents.with_pem(&self.files, |pem| reloader.replace(pem))),
                Err(error) => {
                    tracing::error!(%error, "the TLS certificate was not replaced: the old one stays in use")
                }
            }
        }
    }
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self> {
        let read = |path: &Path| {
            fs::read(path).map_err(|error| Error::io(format!("cannot read `{}`", path.display()), error))
        };
        Ok(Self { cert: read(&files.cert)?, key: read(&files.key)? })
    }

    fn state(&self) -> FilesState {
        let mut hasher = DefaultHasher::new();
        (&self.cert, &self.key).hash(&mut hasher);
        FilesState::Read(hasher.finish())
    }

    /// Calls a function with the contents, named after their files.
    fn with_pem<T>(&self, files: &TlsFiles, call: impl FnOnce(&PemPair<'_>) -> T) -> T {
        let [cert, key] = [&files.cert, &files.key].map(|path| format!("`{}`", path.display()));
        call(&PemPair {
            cert: PemText { text: &self.cert, name: &cert, is_file: true },
            key: PemText { text: &self.key, name: &key, is_file: true },
        })
    }
}
