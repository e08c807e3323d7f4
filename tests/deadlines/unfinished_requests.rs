//! Clients that connect and do not complete a request.

use std::time::Duration;

use ignitia::{BoundServer, TlsConfig, prelude::*};
use tokio::io::AsyncWriteExt;

use crate::support::{End, RawSocket, echo, loopback, tcp};

async fn bind(config: ServerConfig) -> BoundServer {
    let server = Server::new(Router::new().websocket("/ws", echo), loopback()).with_server_config(config);
    server.bind().await.unwrap()
}

/// Expects that a connection with each of these beginnings is cut off.
async fn gives_up(beginnings: &[&str]) {
    let bound =
        bind(ServerConfig { header_read_timeout: Duration::from_millis(100), ..Default::default() }).await;
    let addr = bound.local_addr();
    tokio::spawn(bound.run());
    for begun in beginnings {
        println!("{begun:?}");
        let mut stream = tcp(addr, None).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert_eq!(RawSocket::from(stream).end().await, End::Eof);
    }
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    gives_up(&["G", "GET /ws", "GET /ws HTTP/1.1\r\nHost: localhost\r\n"]).await;
}

#[tokio::test]
async fn a_connection_without_a_first_byte_is_cut_off() {
    gives_up(&[""]).await;
}

/// These bytes could still become the preface of HTTP/2.
#[tokio::test]
async fn an_unfinished_http2_preface_is_cut_off() {
    gives_up(&["P", "PRI * HTTP/2.0\r\n"]).await;
}

#[tokio::test]
async fn an_unfinished_tls_handshake_is_cut_off() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = TlsConfig {
        cert: made.cert.pem().into_bytes(),
        key: made.signing_key.serialize_pem().into_bytes(),
        handshake_timeout: Duration::from_millis(100),
        ..Default::default()
    };
    let bound = bind(ServerConfig { tls: Some(tls), ..Default::default() }).await;
    let addr = bound.local_addr();
    tokio::spawn(bound.run());
    for begun in [&b""[..], b"\x16", b"\x16\x03\x01\x00\xff\x01"] {
        println!("{begun:?}");
        let mut stream = tcp(addr, None).await;
        stream.write_all(begun).await.unwrap();
        assert_eq!(RawSocket::from(stream).end().await, End::Eof);
    }
}
