//! Clients that connect and then take their time.

use std::time::Duration;

use ignitia::{BoundServer, TlsConfig, prelude::*};
use tokio::io::AsyncWriteExt;

use crate::support::{End, RawSocket, echo, loopback, tcp};

async fn bind(config: ServerConfig) -> BoundServer {
    let server = Server::new(Router::new().websocket("/ws", echo), loopback()).with_server_config(config);
    server.bind().await.unwrap()
}

/// Every one of these beginnings must be given up.
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
async fn the_rest_of_a_head_is_waited_for_for_ever() {
    gives_up(&["G", "GET /ws", "GET /ws HTTP/1.1\r\nHost: localhost\r\n"]).await;
}

#[tokio::test]
async fn the_first_byte_of_a_request_is_waited_for_for_ever() {
    gives_up(&[""]).await;
}

/// It could still become the preface of HTTP/2.
#[tokio::test]
async fn the_version_of_http_is_waited_for_for_ever() {
    gives_up(&["P", "PRI * HTTP/2.0\r\n"]).await;
}

#[tokio::test]
async fn a_tls_handshake_is_waited_for_for_ever() {
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
