//! Certificates: self-signed ones, and given ones in PEM. A certificate that cannot be used is an
//! error at the start.

use std::sync::{Arc, Mutex};

use ignitia::prelude::*;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    },
};

use crate::support::{self, RawSocket, Running, loopback, tcp, within};

async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(Message::Text(text)) = ws.recv().await {
        ws.send_text(text).await?;
    }
    Ok(Response::ok())
}

fn server() -> Server {
    Server::new(Router::new().websocket("/ws", echo), loopback())
}

/// Returns the server with a certificate and a key, in PEM.
fn with_pem(cert: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Server {
    server().with_server_config(ServerConfig {
        tls: Some(TlsConfig { cert: cert.into(), key: key.into(), ..Default::default() }),
        ..Default::default()
    })
}

/// Returns a certificate for `localhost` and its key, in PEM.
fn pem() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

async fn connect(
    server: &Running,
    config: ClientConfig,
) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp(server.addr, None).await).await
}

async fn converse(stream: TlsStream<tokio::net::TcpStream>) {
    let mut peer = RawSocket::from(stream);
    peer.upgrade("/ws").await;
    peer.send(&support::text("hello")).await;
    peer.expect_text("hello").await;
    peer.send(&support::close(1000, "")).await;
    peer.expect_close(1000).await;
    peer.end().await;
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
}

/// Returns a client that trusts only this certificate.
fn trusting(cert: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(cert).unwrap();
    builder().with_root_certificates(roots).with_no_client_auth()
}

/// A verifier that trusts every certificate, and keeps it: a developer who clicks the warning away.
#[derive(Debug)]
struct TrustsAll {
    seen: Mutex<Option<CertificateDer<'static>>>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for TrustsAll {
    fn verify_server_cert(
        &self,
        cert: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.seen.lock().unwrap() = Some(cert.clone().into_owned());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_made_for_its_host() -> Result<()> {
    let server = Running::of(server().with_self_signed_cert("localhost")?).await;
    let verifier = Arc::new(TrustsAll { seen: Mutex::new(None), provider: ring::default_provider() });
    let config =
        builder().dangerous().with_custom_certificate_verifier(verifier.clone()).with_no_client_auth();
    converse(connect(&server, config).await?).await;

    // A client that trusts exactly this certificate finds the name of the host in it.
    let seen = verifier.seen.lock().unwrap().take().expect("a certificate");
    converse(connect(&server, trusting(seen)).await?).await;
    server.report().await;
    Ok(())
}

#[tokio::test]
async fn a_self_signed_certificate_is_not_trusted_by_others() -> Result<()> {
    let server = Running::of(server().with_self_signed_cert("localhost")?).await;
    let (other, _) = pem();
    let other = CertificateDer::from_pem_slice(other.as_bytes()).unwrap();
    assert!(connect(&server, trusting(other)).await.is_err());
    server.report().await;
    Ok(())
}

#[tokio::test]
async fn a_certificate_may_be_given_in_pem() {
    let (cert, key) = pem();
    let trusted = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
    let server = Running::of(with_pem(cert, key)).await;
    converse(connect(&server, trusting(trusted)).await.unwrap()).await;
    server.report().await;
}

#[tokio::test]
async fn a_given_certificate_overrides_a_self_signed_one() -> Result<()> {
    let (cert, key) = pem();
    let trusted = CertificateDer::from_pem_slice(cert.as_bytes()).unwrap();
    let server = Running::of(with_pem(cert, key).with_self_signed_cert("localhost")?).await;
    converse(connect(&server, trusting(trusted)).await?).await;
    server.report().await;
    Ok(())
}

#[tokio::test]
async fn no_plaintext_is_served() -> Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Running::of(server().with_self_signed_cert("localhost")?).await;
    let mut plain = tcp(server.addr, None).await;
    plain.write_all(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
    let mut answer = Vec::new();
    // The server may reset the connection after its alert.
    let _ = within("the end of the connection", plain.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    server.report().await;
    Ok(())
}

async fn expect_error(server: impl Fn() -> Server, parts: &[&str]) {
    for error in [
        server().bind().await.expect_err("an error of bind"),
        server().ignitia().await.expect_err("an error of ignitia"),
    ] {
        assert!(error.is_tls(), "{error:?}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} in {error}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_named() {
    let (cert, key) = pem();
    let cut = &cert[..cert.len() / 2];
    let garbled = cert.replace("MI", "!!");
    for wrong in ["", "no PEM", cut, &garbled, &key] {
        expect_error(|| with_pem(wrong, key.as_str()), &["certificate", "`TlsConfig::cert`"]).await;
    }
    expect_error(|| with_pem("", ""), &["certificate", "`TlsConfig::cert`"]).await;
}

/// The text is base64 in PEM, but no certificate.
#[tokio::test]
async fn a_certificate_that_is_no_certificate_is_named() {
    let (_, key) = pem();
    let wrong = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    expect_error(|| with_pem(wrong, key.as_str()), &["certificate"]).await;
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_named() {
    let (cert, key) = pem();
    let cut = &key[..key.len() / 2];
    for wrong in ["", "no PEM", cut, &cert] {
        expect_error(|| with_pem(cert.as_str(), wrong), &["private key", "`TlsConfig::key`"]).await;
    }
}

#[tokio::test]
async fn a_key_of_another_certificate_is_named() {
    let ((cert, _), (_, key)) = (pem(), pem());
    expect_error(|| with_pem(cert.as_str(), key.as_str()), &["certificate", "private key", "do not match"])
        .await;
}

#[test]
fn a_malformed_host_is_an_error() {
    for wrong in ["", "not a host", "münchen.example", "a..b"] {
        let error = server().with_self_signed_cert(wrong).expect_err(wrong);
        assert!(error.is_tls(), "{error:?}");
        assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
    }
    for right in ["localhost", "example.com", "127.0.0.1", "::1"] {
        assert!(server().with_self_signed_cert(right).is_ok(), "{right}");
    }
}

#[test]
fn the_key_is_never_shown() {
    let config = TlsConfig { cert: b"cert".to_vec(), key: b"secret".to_vec(), ..Default::default() };
    let shown = format!("{:?}", ServerConfig { tls: Some(config), ..Default::default() });
    assert!(!shown.contains("secret") && !shown.contains("115, 101, 99"), "{shown}");
}
