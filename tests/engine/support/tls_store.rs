//! Servers with TLS, and the authority that has signed their certificate.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::{
    app_name::app_name, free_port::free_port, store_options::StoreOptions, store_server::StoreServer,
    temp_folder::TempFolder,
};

/// Server with TLS.
pub(crate) struct TlsStore {
    pub(crate) server: StoreServer,
    port: u16,
    certificates: TempFolder,
}

impl TlsStore {
    /// Starts a server whose certificate is for `localhost`.
    pub(crate) async fn start() -> Self {
        let certificates = TempFolder::new();
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, app_name());
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let file = |name: &str, content: String| {
            let path = certificates.path().join(name);
            fs::write(&path, content).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let port = free_port();
        // Not all builds have TLS; Debian's has.
        let options = StoreOptions { program: Some("redis-server"), ..StoreOptions::volatile() }
            .with("tls-port", [&*port.to_string()])
            .with("tls-ca-cert-file", [&*file("authority.pem", authority_certificate.pem())])
            .with("tls-cert-file", [&*file("certificate.pem", certificate.pem())])
            .with("tls-key-file", [&*file("key.pem", key.serialize_pem())])
            .with("tls-auth-clients", ["no"]);
        let server = StoreServer::with(options).await;
        Self { server, port, certificates }
    }

    /// Returns a URL with this host.
    pub(crate) fn url(&self, host: &str) -> String {
        format!("rediss://{host}:{}", self.port)
    }

    /// Returns the file with the certificate of the authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.certificates.path().join("authority.pem")
    }
}
