use std::{
    fmt, mem,
    sync::{Arc, PoisonError},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, SupportedProtocolVersion, crypto::CryptoProvider, sign::SingleCertAndKey},
};

use super::{
    pem::{Part, Pem},
    sessions::Sessions,
};
use crate::{
    error::Result,
    sync::{Mutex, MutexGuard},
};

/// Replaces the certificate of a server that runs: [`BoundServer::tls_reloader`](crate::BoundServer::tls_reloader).
///
/// Handshakes that begin afterwards get the new certificate; connections that are open, and handshakes that are under
/// way, keep what they have. Sessions are not resumed across a change: every client sees the new certificate when it
/// comes next. Clones replace the same certificate.
///
/// A server whose certificate is in files that somebody renews needs none of it:
/// [`TlsConfig::from_files`](crate::TlsConfig::from_files) looks at them by itself.
///
/// ```no_run
/// use ignitia::prelude::*;
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<()> {
///     let read = || Ok::<_, Error>((std::fs::read("fullchain.pem")?, std::fs::read("privkey.pem")?));
///     let (cert, key) = read()?;
///     let config = ServerConfig {
///         tls: Some(TlsConfig { cert, key, ..Default::default() }),
///         ..Default::default()
///     };
///     let router = Router::new().websocket("/ws", echo);
///     let server =
///         Server::new(router, "0.0.0.0:443".parse()?).with_server_config(config).bind().await?;
///
///     // `kill -HUP` makes it read the files again.
///     let reloader = server.tls_reloader().expect("it has a certificate");
/// #   #[cfg(unix)]
///     let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
/// #   #[cfg(unix)]
///     tokio::spawn(async move {
///         while hangups.recv().await.is_some() {
///             if let Err(error) = read().and_then(|(cert, key)| reloader.reload(cert, key)) {
///                 eprintln!("the old certificate stays: {error}");
///             }
///         }
///     });
///     server.ignitia().await
/// }
/// ```
#[derive(Clone)]
pub struct TlsReloader(Arc<Shared>);

struct Shared {
    provider: Arc<CryptoProvider>,
    versions: &'static [&'static SupportedProtocolVersion],
    /// What the next handshake begins with. A mutex, since it is held for a clone or a swap only. It is replaced as a
    /// whole: with the certificate go the sessions that were begun under it.
    current: Mutex<Arc<ServerConfig>>,
}

impl TlsReloader {
    pub(super) fn new(
        pem: &Pem<'_>,
        provider: Arc<CryptoProvider>,
        versions: &'static [&'static SupportedProtocolVersion],
    ) -> Result<Self> {
        let current = Mutex::new(configure(pem, &provider, versions)?);
        Ok(Self(Arc::new(Shared { provider, versions, current })))
    }

    /// Replaces the certificate chain and the private key, both in PEM, as in
    /// [`TlsConfig::cert`](crate::TlsConfig::cert) and [`TlsConfig::key`](crate::TlsConfig::key). All or nothing; either
    /// way it is logged.
    ///
    /// Where the server looks at files too ([`TlsFiles`](crate::TlsFiles)), this holds until those have changed.
    ///
    /// # Errors
    ///
    /// [`Error::is_tls`](crate::Error::is_tls) if one of them cannot be read, or if they do not belong together; then
    /// the old certificate stays.
    pub fn reload(&self, cert: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<()> {
        self.replace(&Pem {
            cert: Part { text: cert.as_ref(), name: "`cert`", is_file: false },
            key: Part { text: key.as_ref(), name: "`key`", is_file: false },
        })
    }

    /// The same, whatever they are called.
    pub(super) fn replace(&self, pem: &Pem<'_>) -> Result<()> {
        match configure(pem, &self.0.provider, self.0.versions) {
            Ok(new) => {
                let old = mem::replace(&mut *self.current(), new);
                tracing::info!("the TLS certificate was replaced");
                drop(old);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the TLS certificate was not replaced: the old one stays");
                Err(error)
            }
        }
    }

    /// What makes the next handshake.
    pub(in crate::server) fn acceptor(&self) -> TlsAcceptor {
        self.current().clone().into()
    }

    fn current(&self) -> MutexGuard<'_, Arc<ServerConfig>> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn configure(
    pem: &Pem<'_>,
    provider: &Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Arc<ServerConfig>> {
    let identity = pem.identity(provider)?;
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(Sessions::new());
    Ok(Arc::new(config))
}

/// The key never reaches a log.
impl fmt::Debug for TlsReloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsReloader").finish_non_exhaustive()
    }
}
