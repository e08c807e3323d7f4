//! Self-signed certificates, and TLS clients that trust them.

use std::sync::Arc;

use ignitia::TlsConfig;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    pki_types::CertificateDer,
    version::{TLS12, TLS13},
};

/// A certificate for `localhost`, and its key, in PEM.
pub(crate) struct Identity {
    pub(crate) cert: String,
    pub(crate) key: String,
    der: CertificateDer<'static>,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let der = made.cert.der().clone();
        Self { cert: made.cert.pem(), key: made.signing_key.serialize_pem(), der }
    }

    /// Returns the configuration of a server with this certificate.
    pub(crate) fn config(&self) -> TlsConfig {
        TlsConfig { cert: self.cert.clone().into(), key: self.key.clone().into(), ..Default::default() }
    }

    /// Returns a client that trusts only this certificate.
    pub(crate) fn client(&self) -> ClientConfig {
        trusting(&[self], &[&TLS13, &TLS12])
    }
}

/// Returns a client that trusts only these certificates and speaks only these versions.
pub(crate) fn trusting(
    trusted: &[&Identity],
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for identity in trusted {
        roots.add(identity.der.clone()).unwrap();
    }
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    client
}
