use std::{
    fmt, mem,
    sync::{Arc, PoisonError},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, SupportedProtocolVersion,
        crypto::CryptoProvider,
        sign::{CertifiedKey, SingleCertAndKey},
    },
};

use super::{
    pem::{PemPair, PemText},
    session_cache::SessionCache,
};
use crate::{
    error::{Error, Result},
    sync::{Mutex, MutexGuard},
};

/// Handle that replaces the certificate of a running server:
/// [`BoundServer::tls_reloader`](crate::BoundServer::tls_reloader).
///
/// Handshakes that begin afterwards use the new certificate; open connections, and handshakes under
/// way, keep the old one. TLS sessions are not resumed across a change: every client sees the new
/// certificate on its next connection. Clones replace the same certificate.
///
/// A server whose certificate is in files needs no such handle:
/// [`TlsConfig::from_files`](crate::TlsConfig::from_files) watches them.
///
/// ```no_run
/// use ignitia::prelude::*;
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<()> {
///     use std::fs::read;
///
///     let read_pem = || Ok::<_, Error>((read("fullchain.pem")?, read("privkey.pem")?));
///     let (cert, key) = read_pem()?;
///     let config = ServerConfig {
///         tls: Some(TlsConfig { cert, key, ..Default::default() }),
///         ..Default::default()
///     };
///     let router = Router::new().websocket("/ws", echo);
///     let server =
///         Server::new(router, "0.0.0.0:443".parse()?).with_server_config(config).bind().await?;
///
///     // `kill -HUP` reads the files again.
///     let reloader = server.tls_reloader().expect("it has a certificate");
/// #   #[cfg(unix)]
///     let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
/// #   #[cfg(unix)]
///     tokio::spawn(async move {
///         while hangups.recv().await.is_some() {
///             if let Err(error) = read_pem().and_then(|(cert, key)| reloader.reload(cert, key)) {
///                 eprintln!("the old certificate stays: {error}");
///             }
///         }
///     });
///     server.ignitia().await
/// }
/// ```
#[derive(Clone)]
pub struct TlsReloader(Arc<ReloaderState>);

struct ReloaderState {
    provider: Arc<CryptoProvider>,
    versions: &'static [&'static SupportedProtocolVersion],
    /// Configuration of the next handshake. A mutex, which is held for a clone or a swap only. It
    /// is replaced as a whole, so the sessions that began under the old certificate go with it.
    current: Mutex<Arc<ServerConfig>>,
}

impl TlsReloader {
    pub(super) fn new(
        identity: Arc<CertifiedKey>,
        provider: Arc<CryptoProvider>,
        versions: &'static [&'static SupportedProtocolVersion],
    ) -> Result<Self> {
        let current = Mutex::new(configure(identity, &provider, versions)?);
        Ok(Self(Arc::new(ReloaderState { provider, versions, current })))
    }

    /// Replaces the certificate chain and the private key, both in PEM, as in
    /// [`TlsConfig::cert`](crate::TlsConfig::cert) and [`TlsConfig::key`](crate::TlsConfig::key).
    /// The outcome is logged.
    ///
    /// If the server watches files, too ([`TlsFiles`](crate::TlsFiles)), the new pair holds until
    /// they change.
    ///
    /// # Errors
    ///
    /// [`Error::is_tls`](crate::Error::is_tls) if one of the two cannot be read, or if they do not
    /// belong together. Then the old certificate stays.
    pub fn reload(&self, cert: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<()> {
        self.replace(&PemPair {
            cert: PemText { text: cert.as_ref(), name: "`cert`", is_file: false },
            key: PemText { text: key.as_ref(), name: "`key`", is_file: false },
        })
    }

    /// Replaces the certificate chain and the private key.
    pub(super) fn replace(&self, pem: &PemPair<'_>) -> Result<()> {
        let ReloaderState { provider, versions, .. } = &*self.0;
        match pem.identity(provider).and_then(|identity| configure(identity, provider, versions)) {
            Ok(new) => {
                let old = mem::replace(&mut *self.current(), new);
                tracing::info!("the TLS certificate was replaced");
                drop(old);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the TLS certificate was not replaced: the old one stays in use");
                Err(error)
            }
        }
    }

    /// Returns the acceptor of the next handshake.
    pub(in crate::server) fn acceptor(&self) -> TlsAcceptor {
        self.current().clone().into()
    }

    fn current(&self) -> MutexGuard<'_, Arc<ServerConfig>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn configure(
    identity: Arc<CertifiedKey>,
    provider: &Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Arc<ServerConfig>> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .map_err(|error| Error::tls("TLS set-up failed", Some(error.into())))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(SessionCache::new());
    Ok(Arc::new(config))
}

/// Hides the key, which must not reach a log.
impl fmt::Debug for TlsReloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsReloader").finish_non_exhaustive()
    }
}
