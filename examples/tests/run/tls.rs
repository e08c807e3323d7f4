//! Tests of `tls.rs`.

use std::sync::Arc;

use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, DigitallySignedStruct, Error as TlsError, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{self, CryptoProvider},
        pki_types::{CertificateDer, ServerName, UnixTime},
    },
};
use tokio_tungstenite::client_async;

use crate::{
    client::Client,
    deadline::within,
    running_example::{RunningExample, exchange, request_text},
};

#[tokio::test]
async fn messages_are_echoed_over_tls() {
    let example = RunningExample::start_at(env!("CARGO_BIN_EXE_tls"), "https").await;
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(crypto::ring::default_provider())))
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let name = ServerName::from(example.addr.ip());
    let open = async || within(connector.connect(name.clone(), example.stream().await)).await.expect("TLS");

    let (head, page) = exchange(open().await, &request_text(example.addr, "GET", "/", "", "")).await;
    assert!(head.starts_with("HTTP/1.1 200 ") && page.contains("<h1>Echo over TLS</h1>"), "{head}");

    let url = format!("wss://{}/ws", example.addr);
    let (socket, _) = within(client_async(url, open().await)).await.expect("the upgrade succeeds");
    let mut client = Client(socket);
    client.send("hello").await;
    assert_eq!(client.text().await, "hello");
    example.stop([client]).await;
}

/// Verifier that accepts every certificate: the example's is new for each start.
#[derive(Debug)]
struct AnyCertificate(CryptoProvider);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls12_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        crypto::verify_tls13_signature(message, cert, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
