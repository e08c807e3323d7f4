//! A certificate in files that are renewed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use ignitia::{TlsFiles, prelude::*};

use super::{Log, Served, echoes, serve};
use crate::support::{Identity, TempFolder, loopback, within};

/// A folder with the two files.
struct CertificateFolder(TempFolder);

impl CertificateFolder {
    fn with(identity: &Identity) -> Self {
        let folder = Self(TempFolder::new());
        folder.write(&identity.cert, &identity.key);
        folder
    }

    fn write(&self, cert: &str, key: &str) {
        fs::write(self.cert(), cert).unwrap();
        fs::write(self.key(), key).unwrap();
    }

    fn cert(&self) -> PathBuf {
        self.0.path().join("fullchain.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.path().join("privkey.pem")
    }

    fn config(&self) -> TlsConfig {
        let files = TlsFiles::new(self.cert(), self.key()).check_interval(Duration::from_millis(10));
        TlsConfig { files: Some(files), ..Default::default() }
    }
}

/// Waits until the certificate has been replaced.
async fn until_presented(server: &Served, identity: &Identity) {
    let client = identity.client();
    within("the new certificate", async {
        while server.connect(&client).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn renewed_files_are_loaded_and_open_connections_live_on() {
    let (old, new) = (Identity::new(), Identity::new());
    let folder = CertificateFolder::with(&old);
    let server = serve(folder.config()).await;
    let mut before = server.open(&old.client()).await;
    server.presents(&old, &new).await;
    folder.write(&new.cert, &new.key);
    until_presented(&server, &new).await;
    server.presents(&new, &old).await;
    echoes(&mut before, "still here").await;
}

/// certbot and Kubernetes renew certificates by links that point elsewhere from one moment to the
/// next.
#[cfg(unix)]
#[tokio::test]
async fn symbolic_links_are_followed() {
    let (old, new) = (Identity::new(), Identity::new());
    let (first, second) = (CertificateFolder::with(&old), CertificateFolder::with(&new));
    let live = CertificateFolder::with(&old);
    let point_to = |target: &CertificateFolder| {
        for (link, target) in [(live.cert(), target.cert()), (live.key(), target.key())] {
            let made = link.with_extension("new");
            std::os::unix::fs::symlink(target, &made).unwrap();
            fs::rename(made, link).unwrap();
        }
    };
    point_to(&first);
    let server = serve(live.config()).await;
    server.presents(&old, &new).await;
    point_to(&second);
    until_presented(&server, &new).await;
}

#[tokio::test]
async fn bad_files_keep_the_old_certificate_and_are_logged_once() {
    let (log, _guard) = Log::begin();
    let (old, new) = (Identity::new(), Identity::new());
    let folder = CertificateFolder::with(&old);
    let server = serve(folder.config()).await;
    let cert = format!("`{}`", folder.cert().display());
    let key = format!("`{}`", folder.key().display());

    fs::write(folder.cert(), "half of it").unwrap();
    log.line(&format!("the certificate ({cert}) cannot be read: it contains none")).await;
    server.presents(&old, &new).await;

    fs::write(folder.cert(), &new.cert).unwrap();
    log.line(&format!("{key} is not the key of the first certificate in {cert}")).await;
    server.presents(&old, &new).await;

    fs::remove_file(folder.key()).unwrap();
    let gone = format!("cannot read {key}");
    assert!(log.line(&gone).await.contains("the old one stays"));
    server.presents(&old, &new).await;

    folder.write(&new.cert, &new.key);
    until_presented(&server, &new).await;
    server.presents(&new, &old).await;
    let text = log.text();
    for complaint in ["half of it", new.key.lines().nth(1).unwrap()] {
        assert!(!text.contains(complaint), "contents are logged: {text}");
    }
    assert_eq!(text.matches(&gone).count(), 1, "{text}");
}

/// A certificate given by a call stays until the files change.
#[tokio::test]
async fn a_call_overrides_files_that_stay_the_same() {
    let (log, _guard) = Log::begin();
    let (old, called, new) = (Identity::new(), Identity::new(), Identity::new());
    let folder = CertificateFolder::with(&old);
    let server = serve(folder.config()).await;
    server.reloader.reload(&called.cert, &called.key).unwrap();
    // The log line about files that cannot be used shows that they have been checked since.
    fs::write(folder.cert(), &new.cert).unwrap();
    log.line("is not the key of the first certificate").await;
    server.presents(&called, &old).await;
    fs::write(folder.key(), &new.key).unwrap();
    until_presented(&server, &new).await;
}

#[tokio::test]
async fn files_that_cannot_be_used_are_an_error_at_the_start() {
    let identity = Identity::new();
    let folder = CertificateFolder::with(&identity);
    let start = async || {
        let config = ServerConfig { tls: Some(folder.config()), ..Default::default() };
        let server = Server::new(Router::new(), loopback()).with_server_config(config);
        server.bind().await.expect_err("it starts")
    };
    let names = |error: &Error, path: &Path| {
        assert!(error.to_string().contains(&format!("`{}`", path.display())), "{error}");
    };
    folder.write(&identity.cert, "");
    let error = start().await;
    assert!(error.is_tls(), "{error:?}");
    names(&error, &folder.key());
    fs::remove_file(folder.cert()).unwrap();
    let error = start().await;
    assert!(error.is_io(), "{error:?}");
    names(&error, &folder.cert());
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
    assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::NotFound));
}

/// The drain has nothing to wait for.
#[tokio::test]
async fn a_drain_does_not_wait_for_the_next_check_of_the_files() {
    let identity = Identity::new();
    let folder = CertificateFolder::with(&identity);
    let tls = TlsConfig::from_files(folder.cert(), folder.key());
    let config = ServerConfig { tls: Some(tls), ..Default::default() };
    let server = Server::new(Router::new(), loopback()).with_server_config(config).bind().await.unwrap();
    let shutdown = server.shutdown();
    let ended = tokio::spawn(server.ignitia());
    shutdown.drain().await;
    within("the end of the server", ended).await.unwrap().unwrap();
}
