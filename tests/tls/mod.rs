//! TLS: certificates and their replacement, versions, session resumption, handshakes that stall.

mod certificates;
mod encryption;
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
    rustls::{ClientConfig, pki_types::ServerName},
};

use crate::support::{Http2Stream, Identity, Log, RawSocket, loopback, tcp, text, within};

/// A server with an echo at `/ws`, over TLS.
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
    /// Makes a TLS handshake.
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

    /// Asserts that the server has this certificate and not the other.
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
