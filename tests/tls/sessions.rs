//! Session resumption: clients resume a session, unless its certificate was replaced.

use tokio_rustls::rustls::{
    ClientConfig, HandshakeKind, SupportedProtocolVersion,
    version::{TLS12, TLS13},
};

use super::{Served, echoes, serve};
use crate::support::{Identity, RawSocket, trusting};

/// Returns the kind of the handshake.
async fn handshake(server: &Served, client: &ClientConfig) -> HandshakeKind {
    let stream = server.connect(client).await.unwrap();
    let kind = stream.get_ref().1.handshake_kind().unwrap();
    // TLS 1.3 sends its tickets after the handshake.
    let mut socket = RawSocket::from(stream);
    socket.upgrade("/ws").await;
    echoes(&mut socket, "hi").await;
    kind
}

async fn with(version: &'static SupportedProtocolVersion) {
    let (old, new) = (Identity::new(), Identity::new());
    let server = serve(old.config()).await;
    let both = trusting(&[&old, &new], &[version]);
    assert_eq!(handshake(&server, &both).await, HandshakeKind::Full);
    assert_eq!(handshake(&server, &both).await, HandshakeKind::Resumed);
    // A bad pair changes nothing.
    server.reloader.reload(&new.cert, &old.key).unwrap_err();
    assert_eq!(handshake(&server, &both).await, HandshakeKind::Resumed);
    // A resumed session shows no certificate: the client would not see the new one.
    server.reloader.reload(&new.cert, &new.key).unwrap();
    assert_eq!(handshake(&server, &both).await, HandshakeKind::Full);
    assert_eq!(handshake(&server, &both).await, HandshakeKind::Resumed);
    server.presents(&new, &old).await;
}

#[tokio::test]
async fn sessions_of_tls_1_3_end_with_their_certificate() {
    with(&TLS13).await;
}

#[tokio::test]
async fn sessions_of_tls_1_2_end_with_their_certificate() {
    with(&TLS12).await;
}
