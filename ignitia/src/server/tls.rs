use std::{fmt, sync::Arc, time::Duration};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

use crate::error::{Error, Result};

/// A certificate and its private key.
#[derive(Clone)]
pub struct TlsConfig {
    /// The certificate chain in PEM, the server's own certificate first.
    pub cert: Vec<u8>,
    /// The private key in PEM: PKCS#8, PKCS#1 or SEC1.
    pub key: Vec<u8>,
    /// How long the TLS handshake may take. Default 10 s.
    pub handshake_timeout: Duration,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self { cert: Vec::new(), key: Vec::new(), handshake_timeout: Duration::from_secs(10) }
    }
}

impl TlsConfig {
    /// Reads the certificate and the key, and checks that they belong together.
    pub(super) fn acceptor(&self) -> Result<Tls> {
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(&self.cert).collect::<Result<_, _>>().map_err(|error| {
                Error::tls("the certificate (`TlsConfig::cert`) cannot be read", Some(error.into()))
            })?;
        if chain.is_empty() {
            return Err(Error::tls(
                "the certificate (`TlsConfig::cert`) holds no PEM certificate; it is the PEM text itself, not a path",
                None,
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| {
            Error::tls(
                "the private key (`TlsConfig::key`) cannot be read; it is the PEM text itself, not a path",
                Some(error.into()),
            )
        })?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| {
                Error::tls("the certificate and the private key cannot be used together", Some(error.into()))
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), handshake_timeout: self.handshake_timeout })
    }
}

/// The key never reaches a log.
impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConfig")
            .field("cert", &format_args!("{} bytes", self.cert.len()))
            .field("key", &format_args!("(hidden)"))
            .field("handshake_timeout", &self.handshake_timeout)
            .finish()
    }
}

/// What turns TCP streams into TLS streams.
#[derive(Clone)]
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) handshake_timeout: Duration,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
