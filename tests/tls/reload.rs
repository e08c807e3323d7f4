//! A certificate that is replaced by a call.

use super::{Log, Served, echoes, serve};
use crate::support::{Identity, RawSocket};

async fn served() -> (Served, Identity, Identity) {
    let (old, new) = (Identity::new(), Identity::new());
    (serve(old.config()).await, old, new)
}

#[tokio::test]
async fn new_connections_get_the_new_certificate_and_old_ones_live_on() {
    let (server, old, new) = served().await;
    let mut before = server.open(&old.client()).await;
    server.presents(&old, &new).await;
    server.reloader.reload(&new.cert, &new.key).unwrap();
    server.presents(&new, &old).await;
    echoes(&mut before, "still here").await;
    // And back again, by another handle.
    server.reloader.clone().reload(&old.cert, &old.key).unwrap();
    server.presents(&old, &new).await;
    echoes(&mut before, "still here").await;
}

#[tokio::test]
async fn over_http2_an_old_connection_opens_new_streams() {
    let (server, old, new) = served().await;
    let mut before = server.open_http2(&old.client()).await;
    server.reloader.reload(&new.cert, &new.key).unwrap();
    let mut after = server.open_http2(&new.client()).await;
    assert!(server.connect(&old.client()).await.is_err(), "the old certificate is shown");
    let mut sibling: RawSocket = before.sibling();
    sibling.upgrade("/ws").await;
    for socket in [&mut before, &mut sibling, &mut after] {
        echoes(socket, "hi").await;
    }
}

/// A connection that has begun, and has sent nothing when the certificate changes, is not
/// disturbed.
#[tokio::test]
async fn a_handshake_in_progress_is_completed() {
    use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
    let (server, old, new) = served().await;
    let tcp = crate::support::tcp(server.addr, None).await;
    // The server has accepted it before it serves the next one.
    server.open(&old.client()).await;
    server.reloader.reload(&new.cert, &new.key).unwrap();
    let connector = TlsConnector::from(std::sync::Arc::new(old.client()));
    let stream = connector.connect(ServerName::try_from("localhost").unwrap(), tcp).await.unwrap();
    let mut socket = RawSocket::from(stream);
    socket.upgrade("/ws").await;
    echoes(&mut socket, "hi").await;
}

#[tokio::test]
async fn a_bad_pair_keeps_the_old_certificate_and_is_named() {
    let (log, _guard) = Log::begin();
    let (server, old, new) = served().await;
    let Identity { cert, key, .. } = &new;
    let no_certificate = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
    let chain = format!("{}{cert}", old.cert);
    let (cut_cert, cut_key) = (&cert[..cert.len() / 2], &key[..key.len() / 2]);
    let flat = key.replace('\n', "\\n");
    for (cert, key, parts) in [
        ("", &**key, ["certificate (`cert`)", "it contains none"]),
        (cert, "", ["private key (`key`)", "it contains none"]),
        ("/etc/cert.pem", key, ["certificate (`cert`)", "it must be the PEM text itself, not a path"]),
        (cut_cert, key, ["certificate (`cert`)", "cut off"]),
        (cert, cut_key, ["private key (`key`)", "cut off"]),
        (cert, &flat, ["private key (`key`)", "line breaks were lost"]),
        (no_certificate, key, ["certificate", "cannot be used"]),
        (cert, &old.key, ["do not match", "`key` is not the key"]),
        // The server's own certificate comes first.
        (&chain, key, ["do not match", "of the first certificate in `cert`"]),
        (key, cert, ["certificate (`cert`)", "it contains none"]),
    ] {
        let error = server.reloader.reload(cert, key).expect_err("it is used");
        assert!(error.is_tls(), "{error:?}");
        let error = error.to_string();
        for part in parts {
            assert!(error.contains(part), "{part:?} in {error}");
        }
        let line = log.line(&error).await;
        assert!(line.contains("ERROR") && line.contains("the old one stays"), "{line}");
        server.presents(&old, &new).await;
    }
    server.reloader.reload(cert, key).unwrap();
    assert!(log.line("was replaced").await.contains("INFO"));
    server.presents(&new, &old).await;
    for identity in [&old, &new] {
        let secret = identity.key.lines().nth(1).unwrap();
        assert!(!log.text().contains(&secret[8..24]), "{}", log.text());
    }
}

#[tokio::test]
async fn a_self_signed_certificate_may_be_replaced() {
    use ignitia::prelude::*;
    let server = Server::new(Router::new().get("/", || async { "hi" }), crate::support::loopback());
    let server = server.with_self_signed_cert("localhost").unwrap().bind().await.unwrap();
    let reloader = server.tls_reloader().unwrap();
    let new = Identity::new();
    let served = Served { addr: server.local_addr(), reloader, shutdown: server.shutdown() };
    tokio::spawn(server.ignitia());
    assert!(served.connect(&new.client()).await.is_err());
    served.reloader.reload(&new.cert, &new.key).unwrap();
    served.connect(&new.client()).await.unwrap();
}

#[tokio::test]
async fn a_plain_server_has_nothing_to_replace() {
    use ignitia::prelude::*;
    let server = Server::new(Router::new(), crate::support::loopback()).bind().await.unwrap();
    assert!(server.tls_reloader().is_none());
}
