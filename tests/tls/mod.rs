//! TLS while it runs: certificates that are replaced, versions, sessions, handshakes that do not come to an end.

mod files;
mod reload;
mod sessions;
mod stalls;
mod versions;

use std::{io, net::SocketAddr, sync::Arc};

use ignitia::{Shutdown, TlsReloader, prelude::*};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
        version::{TLS12, TLS13},
    },
};

use crate::raw::{Http2Stream, Log, RawSocket, loopback, tcp, text, within};

/// A certificate for `localhost`, and its key, in PEM.
struct Identity {
    cert: String,
    key: String,
    der: CertificateDer<'static>,
}

impl Identity {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let der = made.cert.der().clone();
        Self { cert: made.cert.pem(), key: made.signing_key.serialize_pem(), der }
    }

    fn config(&self) -> TlsConfig {
        TlsConfig { cert: self.cert.clone().into(), key: self.key.clone().into(), ..Default::default() }
    }

    /// A client that trusts this certificate and no other.
    fn client(&self) -> ClientConfig {
        client(&[self], &[&TLS13, &TLS12])
    }
}

/// A client that trusts these, and knows these versions.
fn client(trusted: &[&Identity], versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
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

/// An echo at `/ws`, over TLS.
struct Served {
    addr: SocketAddr,
    reloader: TlsReloader,
    shutdown: Shutdown,
}

async fn serve(tls: TlsConfig) -> Served {
    let router = Router::new().websocket("/ws", |mut ws: WebSocketConnection| async move {
        while let Some(Message::Text(text)) = ws.recv().await {
            ws.send_text(text).await?;
        }
        Ok::<_, Error>(Response::ok())
    });
    let config = ServerConfig { tls: Some(tls), ..Default::default() };
    let server = Server::new(router, loopback()).with_server_config(config).bind().await.unwrap();
    let (addr, reloader) = (server.local_addr(), server.tls_reloader().unwrap());
    let shutdown = server.shutdown();
    tokio::spawn(server.ignitia());
    Served { addr, reloader, shutdown }
}

impl Served {
    /// A TLS handshake.
    async fn connect(&self, client: &ClientConfig) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(client.clone()));
        within("the TLS handshake", connector.connect(name, tcp(self.addr, None).await)).await
    }

    /// Opens a WebSocket over HTTP/1.1.
    async fn open(&self, client: &ClientConfig) -> RawSocket {
        let mut socket = RawSocket::from(self.connect(client).await.unwrap());
        socket.upgrade("/ws").await;
        socket
    }

    /// Opens a WebSocket over HTTP/2.
    async fn open_http2(&self, client: &ClientConfig) -> RawSocket {
        let mut client = client.clone();
        client.alpn_protocols = vec![b"h2".to_vec()];
        let stream = self.connect(&client).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut socket = RawSocket::from(Http2Stream::connect(stream, None).await);
        socket.upgrade("/ws").await;
        socket
    }

    /// The certificate is this one and not the other.
    async fn presents(&self, identity: &Identity, other: &Identity) {
        echoes(&mut self.open(&identity.client()).await, "trusted").await;
        let error = self.connect(&other.client()).await.expect_err("the other certificate is shown");
        assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    }
}

async fn echoes(socket: &mut RawSocket, line: &str) {
    socket.send(&text(line)).await;
    socket.expect_text(line).await;
}
