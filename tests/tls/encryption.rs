//! A server with TLS never serves plaintext, and its key stays in memory.

use std::{path::PathBuf, process::Command};

use ignitia::{TlsConfig, prelude::*, websocket::WebSocketConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{TempFolder, Transport, echo, echoes, loopback, tcp, text, try_tls, within};

#[tokio::test]
async fn no_plaintext_is_served_when_tls_is_set() {
    let server = Transport::Tls.serve(echoes(WebSocketConfig::default())).await;
    let mut plain = tcp(server.addr, None).await;
    plain.write_all(b"GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // An alert, an end, or a reset, but not HTTP.
    let _ = within("the end of the plaintext", plain.read_to_end(&mut answer)).await;
    let readable = String::from_utf8_lossy(&answer);
    assert!(!readable.contains("HTTP"), "{readable}");
    let mut socket = server.open("/ws").await;
    socket.send(&text("hi")).await;
    socket.expect_text("hi").await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_an_error_at_the_start() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = || made.cert.pem().into_bytes();
    let key = || made.signing_key.serialize_pem().into_bytes();
    for (name, cert, key) in [
        ("nothing at all", Vec::new(), Vec::new()),
        ("no key", pem(), Vec::new()),
        ("no certificate", Vec::new(), key()),
        ("no PEM", b"certificate".to_vec(), key()),
        ("the wrong way round", key(), pem()),
        ("a key of another certificate", pem(), other.signing_key.serialize_pem().into_bytes()),
    ] {
        let tls = Some(TlsConfig { cert, key, ..Default::default() });
        let server = Server::new(Router::new(), loopback())
            .with_server_config(ServerConfig { tls, ..Default::default() });
        let error = server.bind().await.err().unwrap_or_else(|| panic!("{name}: it starts"));
        assert!(error.is_tls(), "{name}: {error}");
    }
}

/// A client that sends nothing delays only its own connection.
#[tokio::test]
async fn a_tls_handshake_does_not_block_the_accept_loop() {
    let server = Transport::Tls.serve(echoes(WebSocketConfig::default())).await;
    let _silent = tcp(server.addr, None).await;
    let mut half = tcp(server.addr, None).await;
    half.write_all(b"\x16\x03\x01").await.unwrap();
    server.open("/ws").await;
}

/// The certificate is self-signed; a client that trusts others does not accept it.
#[tokio::test]
async fn a_self_signed_certificate_serves_tls() {
    let server = Server::new(Router::new().websocket("/ws", echo), loopback())
        .with_self_signed_cert("localhost")
        .unwrap();
    let bound = server.bind().await.unwrap();
    let addr = bound.local_addr();
    tokio::spawn(bound.ignitia());
    let error = try_tls(tcp(addr, None).await, b"http/1.1").await.expect_err("it is not trusted");
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

/// Runs the test above in an empty directory, which stays empty.
#[test]
fn the_private_key_is_not_written_to_the_working_directory() {
    let directory = TempFolder::new();
    let test = concat!(module_path!(), "::a_self_signed_certificate_serves_tls");
    let (_, test) = test.split_once("::").unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .current_dir(directory.path())
        .output()
        .unwrap();
    let left: Vec<PathBuf> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(left.is_empty(), "{left:?}");
}
